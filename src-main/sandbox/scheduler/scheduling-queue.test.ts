import { describe, expect, it } from 'vitest';
import { ManualClock } from '#common/base/clock';
import { SchedulingQueue, type QueuedPod } from './scheduling-queue';

const queued = (uid: string, priority = 0): QueuedPod => ({
  key: `default/${uid}`,
  uid,
  priority,
  heedsPods: false,
});

function open() {
  const clock = new ManualClock(0);
  return { clock, queue: new SchedulingQueue(clock, () => undefined) };
}

describe('SchedulingQueue', () => {
  it('hands out the most important Pod first, then who came first', () => {
    const { queue } = open();
    for (const pod of [queued('early'), queued('late'), queued('early'), queued('critical', 100)]) queue.add(pod);
    expect([queue.take()?.uid, queue.take()?.uid, queue.take()?.uid, queue.take()]).toEqual([
      'critical',
      'early',
      'late',
      undefined,
    ]);
  });

  it('keeps a Pod that found no place until something changes and its back-off is over', async () => {
    const { queue, clock } = open();
    queue.failed(queued('web'), queue.moves);
    await clock.advance(5000);
    expect(queue.take()).toBeUndefined();
    queue.moveAll();
    expect(queue.take()?.uid).toBe('web');
  });

  it('doubles the back-off up to ten seconds', async () => {
    const { queue, clock } = open();
    for (const expectedMs of [1000, 2000, 4000, 8000, 10_000, 10_000]) {
      queue.failed(queued('web'), queue.moves);
      queue.moveAll();
      await clock.advance(expectedMs - 1);
      expect(queue.take()).toBeUndefined();
      await clock.advance(1);
      expect(queue.take()?.uid).toBe('web');
    }
  });

  it('tries only Pods that heed others when a Pod comes', async () => {
    const { queue, clock } = open();
    queue.failed(queued('lonely'), queue.moves);
    queue.failed({ ...queued('sociable'), heedsPods: true }, queue.moves);
    queue.podCame();
    await clock.advance(1000);
    expect([queue.take()?.uid, queue.take()]).toEqual(['sociable', undefined]);
  });

  it('does not miss a change that came while the Pod was tried', async () => {
    const { queue, clock } = open();
    const before = queue.moves;
    queue.moveAll();
    queue.failed(queued('web'), before);
    await clock.advance(1000);
    expect(queue.take()?.uid).toBe('web');
  });

  it('tries again after five minutes even if nothing changed', async () => {
    const { queue, clock } = open();
    queue.failed(queued('web'), queue.moves);
    await clock.advance(300_000);
    expect(queue.take()?.uid).toBe('web');
  });

  it('leaves no timer behind for a Pod that is gone', () => {
    const { queue, clock } = open();
    queue.failed(queued('web'), queue.moves);
    queue.remove('web');
    expect(clock.pending).toBe(0);
  });
});
