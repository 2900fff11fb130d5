import { describe, expect, it } from 'vitest';
import type { EventEntry } from '#common/contract/objects';
import { lifeOf } from './life';
import { crashingPod } from './pod.fixture';

const now = Date.UTC(2026, 10, 20, 9, 42, 0);

function event(fields: Partial<EventEntry>): EventEntry {
  return {
    uid: 'e',
    type: 'Normal',
    reason: 'Pulled',
    message: '',
    source: 'kubelet',
    count: 1,
    firstSeen: now,
    lastSeen: now,
    regarding: 'Pod/checkout-5f4b8d7c6-hx2lm',
    ...fields,
  };
}

describe('lifeOf', () => {
  it('tells the story of a crash loop in order, with what is to come', () => {
    const events = [
      event({
        lastSeen: Date.UTC(2026, 10, 20, 9, 29, 3),
        message:
          'Successfully pulled image "checkout:2.8.0" in 1.1s (1.1s including waiting). Image size: 84000000 bytes.',
      }),
      event({ reason: 'Started', message: 'Started container checkout' }),
      event({
        reason: 'Unhealthy',
        type: 'Warning',
        message: 'Liveness probe failed',
        count: 3,
        lastSeen: Date.UTC(2026, 10, 20, 9, 41, 0),
      }),
      event({ regarding: 'ReplicaSet/checkout-5f4b8d7c6', reason: 'SuccessfulCreate', message: 'Created pod' }),
    ];
    expect(lifeOf(crashingPod(), events, now).map(({ tone, say, times }) => ({ tone, say, times }))).toEqual([
      { tone: 'ok', say: { key: 'scheduled', values: { node: 'node-2' } }, times: 1 },
      {
        tone: 'ok',
        say: { key: 'pulled', values: { image: 'checkout:2.8.0', seconds: 1.1, megabytes: 84 } },
        times: 1,
      },
      { tone: 'warn', say: { words: 'Liveness probe failed' }, times: 3 },
      {
        tone: 'bad',
        say: { key: 'ended', values: { container: 'checkout', code: 1, signal: 0, reason: 'Error' } },
        times: 6,
      },
      { tone: 'busy', say: { key: 'nextStart', values: { container: 'checkout' } }, times: 1 },
    ]);
  });

  it('names a reason that says more than the exit code', () => {
    const pod = crashingPod();
    const [status] = pod.status!.containerStatuses!;
    status!.state = { terminated: { exitCode: 137, reason: 'OOMKilled', finishedAt: '2026-11-20T09:41:50Z' } };
    status!.lastState = {};
    expect(lifeOf(pod, [], now).at(-1)?.say).toEqual({
      key: 'endedFor',
      values: { container: 'checkout', code: 137, signal: 0, reason: 'OOMKilled' },
    });
  });

  it('shows a deletion and its deadline', () => {
    const pod = crashingPod();
    pod.metadata.deletionTimestamp = '2026-11-20T09:42:30Z';
    pod.metadata.deletionGracePeriodSeconds = 40;
    const keys = lifeOf(pod, [], now).map(({ say }) => ('key' in say ? say.key : say.words));
    expect(keys).toEqual(['scheduled', 'ended', 'deletionAsked', 'deadline', 'nextStart']);
  });
});

it('tells what happened within one second in the order it can only have happened', () => {
  const pod = crashingPod();
  const [status] = pod.status!.containerStatuses!;
  status!.state = { running: { startedAt: '2026-11-20T09:29:03Z' } };
  status!.lastState = {};
  const pulled = event({
    lastSeen: Date.UTC(2026, 10, 20, 9, 29, 3, 400),
    message: 'Successfully pulled image "x" in 900ms (900ms including waiting). Image size: 72000000 bytes.',
  });
  const keys = lifeOf(pod, [pulled], now).map(({ say }) => ('key' in say ? say.key : say.words));
  expect(keys).toEqual(['scheduled', 'pulled', 'started']);
});
