import { expect, it } from 'vitest';
import type { Event } from '#common/kube/types';
import { readEvent } from './read-event';

const base = {
  metadata: { creationTimestamp: '2026-11-20T09:00:00Z' },
  involvedObject: { kind: 'Pod', name: 'web-1', namespace: 'shop', apiVersion: 'v1' },
  reason: 'BackOff',
  message: 'Back-off restarting failed container',
  type: 'Warning',
};

it('reads an event of the core API', () => {
  const event = {
    ...base,
    count: 6,
    firstTimestamp: '2026-11-20T09:01:00Z',
    lastTimestamp: '2026-11-20T09:07:00Z',
    source: { component: 'kubelet', host: 'node-2' },
  };
  expect(readEvent(event as unknown as Event)).toMatchObject({
    count: 6,
    first: Date.UTC(2026, 10, 20, 9, 1),
    last: Date.UTC(2026, 10, 20, 9, 7),
    source: 'kubelet, node-2',
    regarding: { kind: 'Pod', name: 'web-1' },
  });
});

it('reads an event with a series', () => {
  const event = {
    ...base,
    eventTime: '2026-11-20T09:02:00.000000Z',
    series: { count: 9, lastObservedTime: '2026-11-20T09:09:00.000000Z' },
    reportingComponent: 'scheduler',
  };
  expect(readEvent(event as unknown as Event)).toMatchObject({
    count: 9,
    first: Date.UTC(2026, 10, 20, 9, 2),
    last: Date.UTC(2026, 10, 20, 9, 9),
    source: 'scheduler',
  });
});
