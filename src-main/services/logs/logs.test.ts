import { describe, expect, it } from 'vitest';
import type { Pod } from '#common/kube/types';
import { Pulse } from '#main/base/pulse';
import { LogBuffer } from './log-buffer';
import { isRunning, sourcesOf } from './log-sources';

const line = (time: string, text: string) => ({ pod: 'p', container: 'c', time, text });

describe('LogBuffer', () => {
  it('puts the lines of several sources in order of their time', async () => {
    const buffer = new LogBuffer(new Pulse());
    await buffer.add([line('2', 'a2'), line('4', 'a4')]);
    await buffer.add([line('1', 'b1'), line('3', 'b3')]);
    expect(buffer.take().lines.map(({ text }) => text)).toEqual(['b1', 'a2', 'b3', 'a4']);
  });

  it('hands many lines over in batches and lets its sources go on when all are taken', async () => {
    const buffer = new LogBuffer(new Pulse());
    let isHeld = true;
    const lines = Array.from({ length: 20_000 }, (_, index) => line(String(index).padStart(6, '0'), ''));
    const added = buffer.add(lines).then(() => (isHeld = false));
    const sizes: number[] = [];
    while (!buffer.isEmpty) {
      expect(isHeld).toBe(true);
      sizes.push(buffer.take().lines.length);
    }
    await added;
    expect({ sizes, isHeld }).toEqual({ sizes: [5000, 5000, 5000, 5000], isHeld: false });
  });
});

function pod(
  statuses: NonNullable<Pod['status']>['containerStatuses'],
  over: Partial<NonNullable<Pod['status']>> = {},
): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web', namespace: 'n', uid: 'u', resourceVersion: '1', creationTimestamp: '' },
    spec: {
      initContainers: [{ name: 'init' }, { name: 'proxy', restartPolicy: 'Always' }],
      containers: [{ name: 'app' }],
    },
    status: { containerStatuses: statuses ?? [], ...over },
  };
}
const status = (name: string, state: object, over: object = {}) => ({
  name,
  image: '',
  imageID: '',
  ready: true,
  restartCount: 0,
  state,
  ...over,
});
const runs = { running: { startedAt: '' } };

describe('sourcesOf', () => {
  it('reads what runs or has run, sidecars too, and leaves out what only prepares', () => {
    const value = pod([status('app', runs, { containerID: 'c1' })], {
      initContainerStatuses: [status('init', { terminated: { exitCode: 0 } }), status('proxy', runs)],
    });
    expect(sourcesOf(value, { previous: false }).map(({ container, run }) => [container, run])).toEqual([
      ['proxy', 'u/proxy/0'],
      ['app', 'u/app/c1'],
    ]);
    expect(sourcesOf(value, { previous: false, container: 'init' })).toHaveLength(1);
  });

  it('waits for a container that has not started', () => {
    expect(sourcesOf(pod([status('app', { waiting: { reason: 'ContainerCreating' } })]), { previous: false })).toEqual(
      [],
    );
  });

  it('reads a previous run only where there was one', () => {
    const restarted = status('app', runs, { lastState: { terminated: { exitCode: 1 } } });
    expect(sourcesOf(pod([restarted]), { previous: true })).toHaveLength(1);
    expect(sourcesOf(pod([status('app', runs)]), { previous: true })).toEqual([]);
  });

  it('knows whether the same run still runs', () => {
    const first = pod([status('app', runs, { containerID: 'c1' })]);
    const [source] = sourcesOf(first, { previous: false });
    const next = pod([status('app', runs, { containerID: 'c2', restartCount: 1 })]);
    const ended = pod([status('app', { terminated: { exitCode: 0 } }, { containerID: 'c1' })]);
    expect([first, next, ended, undefined].map((value) => isRunning(value, source!))).toEqual([
      true,
      false,
      false,
      false,
    ]);
  });
});
