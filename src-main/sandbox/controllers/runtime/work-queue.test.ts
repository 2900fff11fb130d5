import { describe, expect, it } from 'vitest';
import { ManualClock } from '#common/base/clock';
import { WorkQueue } from './work-queue';

function open() {
  const clock = new ManualClock(0);
  return { clock, queue: new WorkQueue({ clock }) };
}

describe('WorkQueue', () => {
  it('hands out a key once, however often it was added', async () => {
    const { queue } = open();
    for (const key of ['a', 'b', 'a']) queue.add(key);
    expect([await queue.take(), await queue.take(), queue.size]).toEqual(['a', 'b', 0]);
  });

  it('never gives one key to two workers, and brings it back when it was added meanwhile', async () => {
    const { queue } = open();
    queue.add('a');
    await queue.take();
    queue.add('a');
    expect(queue.size).toBe(0);
    queue.done('a');
    expect(await queue.take()).toBe('a');
  });

  it('waits twice as long after each failure, and starts over after a success', async () => {
    const { queue, clock } = open();
    for (const delayMs of [5, 10, 20]) {
      queue.retry('a');
      await clock.advance(delayMs - 1);
      expect(queue.size).toBe(0);
      await clock.advance(1);
      queue.done((await queue.take()) ?? '');
    }
    queue.forget('a');
    queue.retry('a');
    await clock.advance(5);
    expect(queue.size).toBe(1);
  });

  it('lets the earliest of several wishes count', async () => {
    const { queue, clock } = open();
    queue.addAfter('a', 1000);
    queue.addAfter('a', 10);
    queue.addAfter('a', 500);
    await clock.advance(10);
    expect([queue.size, clock.pending]).toEqual([1, 0]);
  });

  it('sends every worker home when it closes', async () => {
    const { queue, clock } = open();
    queue.addAfter('a', 1000);
    const waiting = queue.take();
    queue.close();
    expect([await waiting, clock.pending]).toEqual([undefined, 0]);
  });
});
