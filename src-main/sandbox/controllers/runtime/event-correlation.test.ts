import { describe, expect, it } from 'vitest';
import { EventCorrelator, type NotedEvent } from './event-correlation';

const noted = (message: string, uid = 'web'): NotedEvent => ({
  involvedObject: { kind: 'Pod', namespace: 'default', name: 'web', uid },
  reason: 'BackOff',
  message,
  type: 'Warning',
  source: { component: 'kubelet', host: 'node-1' },
});

describe('EventCorrelator', () => {
  it('counts an event that comes again instead of writing it again', () => {
    const correlator = new EventCorrelator();
    const first = correlator.correlate(noted('same'), 0);
    if (first.step !== 'create') throw new Error('the first is new');
    const known = { name: 'web.1', namespace: 'default', firstTimestamp: '', count: 1 };
    correlator.written(first.key, known);
    expect(correlator.correlate(noted('same'), 1000)).toEqual({ ...first, step: 'count', known });
    correlator.forget(first.key);
    expect(correlator.correlate(noted('same'), 2000).step).toBe('create');
  });

  it('folds many different messages of one reason into one', () => {
    const correlator = new EventCorrelator();
    const messages = Array.from({ length: 10 }, (_, at) => {
      const plan = correlator.correlate(noted(`number ${at}`), at);
      return plan.step === 'drop' ? 'dropped' : plan.message;
    });
    expect(messages.slice(8)).toEqual(['number 8', '(combined from similar events): number 9']);
  });

  it('lets 25 events about one object through at once, then one in five minutes', () => {
    const correlator = new EventCorrelator();
    const steps = Array.from({ length: 27 }, () => correlator.correlate(noted('x'), 0).step);
    expect(steps.filter((step) => step !== 'drop')).toHaveLength(25);
    expect(correlator.correlate(noted('x', 'another'), 0).step).toBe('create');
    expect(correlator.correlate(noted('x'), 300_000).step).toBe('create');
  });
});
