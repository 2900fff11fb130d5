import { describe, expect, it } from 'vitest';
import { ManualClock } from '#common/base/clock';
import type { Pod } from '#common/kube/types';
import { always, podEvents, type QueueingHints } from './cluster-event';
import { SchedulingQueue } from './scheduling-queue';

function pod(uid: string, priority = 0): Pod {
  const metadata = {
    name: uid,
    namespace: 'default',
    uid,
    resourceVersion: '1',
    creationTimestamp: '2026-01-01T00:00:00Z',
  };
  return { apiVersion: 'v1', kind: 'Pod', metadata, spec: { containers: [], priority, schedulerName: 'main' } };
}

const HINTS: Record<string, QueueingHints> = {
  Fit: { 'Pod/Delete': always },
  Affinity: { 'Pod/Add': (_pod, { after }) => after?.metadata.name === 'friend' },
};

function open() {
  const clock = new ManualClock(0);
  const pods = new Map<string, Pod>();
  const queue = new SchedulingQueue({
    clock,
    wake: () => undefined,
    hintsOf: (_name, plugin) => HINTS[plugin],
    podOf: ({ uid }) => pods.get(uid),
  });
  const add = (one: Pod) => {
    pods.set(one.metadata.uid, one);
    queue.add(one);
  };
  const taken = () => queue.take()?.uid;
  /** Takes the Pod and puts it back: nothing would do. */
  const refuse = (...rejectors: string[]) => {
    const next = queue.take();
    if (next) queue.refused(next, new Set(rejectors));
  };
  const gone = () => podEvents(pod('gone'), undefined).forEach((event) => queue.happened(event));
  const came = (name: string) => podEvents(undefined, pod(name)).forEach((event) => queue.happened(event));
  return { clock, queue, add, taken, refuse, gone, came };
}

describe('SchedulingQueue', () => {
  it('hands out the most important Pod first, then who came first', () => {
    const { add, taken } = open();
    for (const one of [pod('early'), pod('late'), pod('early'), pod('critical', 100)]) add(one);
    expect([taken(), taken(), taken(), taken()]).toEqual(['critical', 'early', 'late', undefined]);
  });

  it('keeps a Pod that found no place until something happens that may help it', async () => {
    const { add, refuse, taken, came, gone, clock } = open();
    add(pod('web'));
    refuse('Fit');
    await clock.advance(5000);
    came('anybody');
    expect(taken()).toBeUndefined();
    gone();
    expect(taken()).toBe('web');
  });

  it('asks the plugins that said no, and looks closely', () => {
    const { add, refuse, taken, came, gone } = open();
    add(pod('web'));
    refuse('Affinity');
    gone();
    came('stranger');
    expect(taken()).toBeUndefined();
    came('friend');
    expect(taken()).toBe('web');
  });

  it('tries a Pod before its back-off is over only when nobody else waits', () => {
    const { add, refuse, taken, gone } = open();
    add(pod('web'));
    refuse('Fit');
    gone();
    add(pod('other'));
    expect([taken(), taken()]).toEqual(['other', 'web']);
  });

  it('goes back to its place in the line when the back-off is over', async () => {
    const { add, refuse, taken, gone, clock } = open();
    add(pod('web'));
    refuse('Fit');
    gone();
    await clock.advance(1);
    add(pod('later'));
    await clock.advance(1000);
    expect([taken(), taken()]).toEqual(['web', 'later']);
  });

  it('doubles the back-off after failures up to ten seconds, whatever happens', async () => {
    const { queue, add, taken, gone, clock } = open();
    add(pod('web'));
    for (const expectedMs of [1000, 2000, 4000, 8000, 10_000, 10_000]) {
      const next = queue.take();
      if (next) queue.failed(next);
      gone();
      await clock.advance(expectedMs - 1);
      expect(taken()).toBeUndefined();
      await clock.advance(1);
    }
    expect(taken()).toBe('web');
  });

  it('tries again after five minutes even if nothing happened', async () => {
    const { add, refuse, taken, clock } = open();
    add(pod('web'));
    refuse('Fit');
    await clock.advance(299_999);
    expect(taken()).toBeUndefined();
    await clock.advance(1);
    expect(taken()).toBe('web');
  });

  it('looks at what happened while a Pod was held when it is let go', () => {
    const { queue, add, refuse, taken, gone } = open();
    add(pod('web'));
    refuse('Fit');
    queue.hold('web');
    gone();
    expect(taken()).toBeUndefined();
    queue.letGo('web', { retry: false });
    expect(taken()).toBe('web');
  });

  it('leaves no timer behind for a Pod that is gone', () => {
    const { queue, add, refuse, clock } = open();
    add(pod('web'));
    refuse('Fit');
    queue.remove('web');
    expect(clock.pending).toBe(0);
  });
});
