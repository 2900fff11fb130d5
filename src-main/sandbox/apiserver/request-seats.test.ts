import { describe, expect, it } from 'vitest';
import { ManualClock } from '#common/base/clock';
import { MOST_WAITING, RequestSeats, SEATS } from './request-seats';

describe('the seats of requests', () => {
  it('lets some in, some wait, and sends the others away', async () => {
    const clock = new ManualClock();
    const seats = new RequestSeats(clock);
    const inside = await Promise.all(Array.from({ length: SEATS }, () => seats.take()));
    expect(inside.every(Boolean)).toBe(true);
    const waiting = Array.from({ length: MOST_WAITING }, () => seats.take());
    expect(await seats.take()).toBeUndefined();
    inside[0]?.();
    expect(await waiting[0]).toBeTypeOf('function');
    await clock.advance(15_000);
    expect(await waiting.at(-1)).toBeUndefined();
    expect(clock.pending).toBe(0);
  });

  it('hands a seat from one to the next', async () => {
    const seats = new RequestSeats(new ManualClock());
    for (let times = 0; times < SEATS * 3; times++) (await seats.take())?.();
    const all = await Promise.all(Array.from({ length: SEATS }, () => seats.take()));
    expect(all.every(Boolean)).toBe(true);
  });
});
