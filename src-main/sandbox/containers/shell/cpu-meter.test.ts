import { describe, expect, it } from 'vitest';
import { ManualClock } from '#common/base/clock';
import { CpuMeter } from './cpu-meter';

describe('the processor time of a container', () => {
  it('can be read as of moments of the last minute', async () => {
    const clock = new ManualClock(0);
    const meter = new CpuMeter(clock);
    for (let second = 0; second < 30; second++) {
      meter.count(100);
      await clock.advance(1000);
    }
    expect([meter.usedMs, meter.usedMsAt(14_500), meter.usedMsAt(29_500)]).toEqual([3000, 1500, 3000]);
  });

  it('takes as long as the limit makes it take', async () => {
    const clock = new ManualClock(0);
    const meter = new CpuMeter(clock, 0.5);
    const ends: number[] = [];
    const requests = [1, 2, 3].map(() => meter.work(40).then(() => ends.push(clock.now())));
    await clock.advance(1000);
    await Promise.all(requests);
    expect(ends).toEqual([80, 160, 240]);
    expect(meter.usedMs).toBe(120);
  });

  it('answers side by side without one, each as fast as a core is', async () => {
    const clock = new ManualClock(0);
    const meter = new CpuMeter(clock);
    const ends: number[] = [];
    const requests = [1, 2].map(() => meter.work(40).then(() => ends.push(clock.now())));
    await clock.advance(100);
    await Promise.all(requests);
    expect(ends).toEqual([40, 40]);
  });
});
