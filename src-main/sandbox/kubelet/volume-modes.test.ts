import { describe, expect, it } from 'vitest';
import { ConfigMaps, Pods } from '#common/kube/resources';
import { TestSandbox } from '#test/harness/test-sandbox';
import { fileModes } from './pod-volumes';

describe('the mode of a published file', () => {
  it.each([
    { case: 'nobody says', volume: { configMap: { name: 'a' } }, mode: 0o644 },
    { case: 'the volume says', volume: { secret: { secretName: 'a', defaultMode: 0o400 } }, mode: 0o400 },
    {
      case: 'its item says',
      volume: { configMap: { name: 'a', defaultMode: 0o644, items: [{ key: 'k', path: 'run.sh', mode: 0o755 }] } },
      mode: 0o755,
    },
    {
      case: 'the item of a projection says',
      volume: {
        projected: {
          defaultMode: 0o600,
          sources: [{ secret: { items: [{ key: 'k', path: 'run.sh', mode: 0o500 }] } }],
        },
      },
      mode: 0o500,
    },
  ])('is what $case', ({ volume, mode }) => {
    expect(fileModes({ name: 'v', ...volume })('run.sh')).toBe(mode);
  });
});

describe('a script of a ConfigMap', () => {
  it.each([
    { defaultMode: 0o755, reason: 'Completed', message: undefined },
    {
      defaultMode: 0o644,
      reason: 'StartError',
      message: expect.stringContaining('"/scripts/run.sh": permission denied'),
    },
  ])('runs by its path when its mode $defaultMode lets it', async ({ defaultMode, reason, message }) => {
    await using sandbox = await TestSandbox.open({ nodes: 1 });
    await sandbox.create(ConfigMaps, { metadata: { name: 'scripts' }, data: { 'run.sh': '#!/bin/sh\necho ran\n' } });
    await sandbox.create(Pods, {
      metadata: { name: 'scripted' },
      spec: {
        nodeName: 'node-1',
        restartPolicy: 'Never',
        containers: [
          {
            name: 'main',
            image: 'busybox',
            command: ['/scripts/run.sh'],
            volumeMounts: [{ name: 'scripts', mountPath: '/scripts' }],
          },
        ],
        volumes: [{ name: 'scripts', configMap: { name: 'scripts', defaultMode } }],
      },
    });
    const ended = async () => (await sandbox.get(Pods, 'scripted')).status?.containerStatuses?.[0]?.state?.terminated;
    while (!(await ended())) await sandbox.advance(1000);
    const terminated = await ended();
    expect([terminated?.reason, terminated?.message]).toEqual([reason, message]);
  });
});
