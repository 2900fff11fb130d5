import { describe, expect, it } from 'vitest';
import { formatTime, ManualClock, microTimestamp, sleep, timestamp } from './clock';

describe('ManualClock', () => {
  it('runs timers in order of their due time, those of the same time in order of their making', async () => {
    const clock = new ManualClock(0);
    const order: string[] = [];
    clock.after(20, () => order.push(`late@${clock.now()}`));
    clock.after(10, () => order.push(`early@${clock.now()}`));
    clock.after(10, () => order.push('early too'));
    await clock.advance(15);
    expect(order).toEqual(['early@10', 'early too']);
    expect(clock.now()).toBe(15);
    await clock.advance(5);
    expect(order.at(-1)).toBe('late@20');
  });

  it('runs a timer that a timer made, when it falls due within the same advance', async () => {
    const clock = new ManualClock(0);
    let ran = 0;
    clock.after(10, () => clock.after(10, () => (ran = clock.now())));
    await clock.advance(30);
    expect(ran).toBe(20);
    expect(clock.pending).toBe(0);
  });

  it('does not run a disposed timer', async () => {
    const clock = new ManualClock(0);
    let ran = false;
    clock.after(10, () => (ran = true))[Symbol.dispose]();
    await clock.advance(20);
    expect(ran).toBe(false);
  });
});

describe('sleep', () => {
  it('ends with the time', async () => {
    const clock = new ManualClock(0);
    const woken = sleep(clock, 100).then(() => clock.now());
    await clock.advance(100);
    expect(await woken).toBe(100);
  });

  it('rejects with the reason of the signal and leaves no timer', async () => {
    const clock = new ManualClock(0);
    const controller = new AbortController();
    const sleeping = sleep(clock, 100, controller.signal);
    controller.abort(new Error('left'));
    await expect(sleeping).rejects.toThrow('left');
    expect(clock.pending).toBe(0);
    await expect(sleep(clock, 1, controller.signal)).rejects.toThrow('left');
  });
});

describe('times as Kubernetes writes them', () => {
  const clock = new ManualClock(Date.UTC(2026, 10, 20, 9, 41, 7, 118));
  it.each([
    ['metav1.Time has whole seconds', timestamp(clock), '2026-11-20T09:41:07Z'],
    ['metav1.MicroTime has six decimals', microTimestamp(clock), '2026-11-20T09:41:07.118000Z'],
    ['formatTime cuts, it does not round', formatTime(1999), '1970-01-01T00:00:01Z'],
  ])('%s', (_, written, expected) => expect(written).toBe(expected));
});
