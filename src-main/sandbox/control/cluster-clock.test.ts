import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ManualClock, sleep } from '#common/base/clock';
import { ClusterClock } from './cluster-clock';

describe('the clock of a cluster', () => {
  let real: ManualClock;
  let clock: ClusterClock;
  let seen: [string, number][];
  const note = (name: string) => () => void seen.push([name, clock.now() - START]);
  const START = Date.UTC(2026, 0, 1);

  beforeEach(() => {
    real = new ManualClock(START);
    clock = new ClusterClock(real);
    seen = [];
  });
  afterEach(() => clock[Symbol.dispose]());

  it('runs with the real one, in the order of due times', async () => {
    clock.after(2000, note('second'));
    clock.after(1000, note('first'));
    clock.after(1500, note('never'))[Symbol.dispose]();
    await real.advance(3000);
    expect(seen).toEqual([
      ['first', 1000],
      ['second', 2000],
    ]);
  });

  it('runs at its own rate, and timers that were set before follow', async () => {
    clock.after(60_000, note('minute'));
    clock.setRate(60);
    await real.advance(1000);
    expect(seen).toEqual([['minute', 60_000]]);
    clock.setRate(0.5);
    await real.advance(1000);
    expect(clock.now() - START).toBe(60_500);
  });

  it('stands still while it is paused and goes on from there', async () => {
    clock.after(1000, note('late'));
    clock.pause();
    await real.advance(10_000);
    expect([clock.now() - START, seen.length]).toEqual([0, 0]);
    clock.resume();
    await real.advance(1000);
    expect(seen).toEqual([['late', 1000]]);
  });

  it('steps through every moment, those that come up on the way too', async () => {
    clock.pause();
    const repeat = async () => {
      for (let round = 1; round <= 3; round++) {
        await sleep(clock, 10_000);
        note(`round ${round}`)();
      }
    };
    const done = repeat();
    await clock.step(45_000);
    await done;
    expect(seen).toEqual([
      ['round 1', 10_000],
      ['round 2', 20_000],
      ['round 3', 30_000],
    ]);
    expect(clock.now() - START).toBe(45_000);
    expect(clock.isPaused).toBe(true);
  });

  it('jumps: what was due meanwhile happens at once', async () => {
    clock.after(1000, note('one'));
    clock.after(5000, note('two'));
    clock.jump(START + 86_400_000);
    await real.advance(1);
    expect(seen.map(([name]) => name)).toEqual(['one', 'two']);
  });

  it('keeps the order of many timers', async () => {
    const delays = Array.from({ length: 200 }, (_, index) => (index * 7919) % 1000);
    for (const delay of delays) clock.after(delay, note(String(delay)));
    await real.advance(1000);
    expect(seen.map(([name]) => Number(name))).toEqual(delays.toSorted((a, b) => a - b));
  });
});
