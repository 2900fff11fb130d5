import { describe, expect, it } from 'vitest';
import type { NotedEvent } from './event-correlation';
import { EventSeries } from './event-series';

const event = (resourceVersion = '1', message = 'no room'): NotedEvent => ({
  type: 'Warning',
  reason: 'FailedScheduling',
  action: 'Scheduling',
  message,
  source: { component: 'default-scheduler' },
  involvedObject: { kind: 'Pod', name: 'web', namespace: 'default', resourceVersion },
});

function open() {
  const series = new EventSeries();
  /** Notes the event and does what is asked. */
  const note = (nowMs: number, one = event()): string => {
    const plan = series.correlate(one, nowMs);
    const known = { name: 'web.1', namespace: 'default', firstTimestamp: '' };
    if (plan.step === 'create') series.written(plan.key, { ...known, count: 1 }, nowMs);
    if (plan.step === 'count') series.written(plan.key, { ...known, count: plan.known.count + 1 }, nowMs);
    return plan.step;
  };
  return { series, note };
}

describe('EventSeries', () => {
  it('writes the first and the second, then counts', () => {
    const { note } = open();
    expect([note(0), note(1000), note(2000), note(3000)]).toEqual(['create', 'count', 'drop', 'drop']);
  });

  it('takes the same about another revision of the object for another event', () => {
    const { note } = open();
    expect([note(0), note(1000, event('2')), note(2000, event('2', 'other words'))]).toEqual([
      'create',
      'create',
      'count',
    ]);
  });

  it('tells the count when the series is over', () => {
    const { series, note } = open();
    for (const nowMs of [0, 1000, 2000, 3000]) note(nowMs);
    expect(series.tend(300_000)).toEqual([]);
    expect(series.tend(363_000)).toEqual([{ name: 'web.1', namespace: 'default', count: 4, lastMs: 3000 }]);
    expect(series.isEmpty).toBe(true);
    expect(note(400_000)).toBe('create');
  });

  it('tells it every half an hour while the series goes on', () => {
    const { series, note } = open();
    for (let nowMs = 0; nowMs <= 1_802_000; nowMs += 106_000) note(nowMs);
    expect(series.tend(1_802_000)).toMatchObject([]);
    note(1_907_000);
    expect(series.tend(1_907_000)).toMatchObject([{ count: 19 }]);
    expect(series.tend(1_908_000)).toEqual([]);
  });
});
