import { describe, expect, it } from 'vitest';
import { formatTime } from '#common/base/clock';
import type { Pod } from '#common/kube/types';
import { groupPods, proposeByUtilization, proposeByValue, type Measurement, type PodValue } from './replica-math';

const NOW = Date.UTC(2026, 0, 1, 1);

interface PodFacts {
  phase?: string;
  ready?: boolean;
  /** Age and time since the Ready condition changed, in seconds. */
  age?: number;
  changed?: number;
  deleted?: boolean;
}

function pod(
  name: string,
  { phase = 'Running', ready = true, age = 3600, changed = 3590, deleted }: PodFacts = {},
): Pod {
  const at = (seconds: number) => formatTime(NOW - seconds * 1000);
  const condition = { type: 'Ready', status: ready ? 'True' : 'False', lastTransitionTime: at(changed) };
  const metadata = { name, ...(deleted ? { deletionTimestamp: at(1) } : {}) };
  return { metadata, spec: {}, status: { phase, startTime: at(age), conditions: [condition] } } as unknown as Pod;
}

const value = (amount: number): PodValue => ({ value: amount, atMs: NOW - 5000, windowMs: 15_000 });

function measurement(
  pods: Record<string, [PodFacts, number | undefined]>,
  more: Partial<Measurement> = {},
): Measurement {
  const entries = Object.entries(pods);
  return {
    pods: entries.map(([name, [facts]]) => pod(name, facts)),
    values: new Map(entries.flatMap(([name, [, used]]) => (used === undefined ? [] : [[name, value(used)]]))),
    resource: 'cpu',
    currentReplicas: entries.length,
    tolerances: { up: 0.1, down: 0.1 },
    nowMs: NOW,
    ...more,
  };
}

/** Every Pod asks for a fifth of a core. */
const requests = () => new Map(['a', 'b', 'c', 'd'].map((name) => [name, 200]));

describe('replicas by utilization', () => {
  it.each([
    { case: 'twice the target', used: [200, 200], replicas: 4, utilization: 100 },
    { case: 'just over the target', used: [108, 108], replicas: 2, utilization: 54 },
    { case: 'half of the target', used: [50, 50], replicas: 1, utilization: 25 },
    { case: 'nothing', used: [0, 0], replicas: 0, utilization: 0 },
    { case: 'uneven', used: [300, 10], replicas: 4, utilization: 77 },
  ])('$case', ({ used: [a, b], replicas, utilization }) => {
    const answer = proposeByUtilization(measurement({ a: [{}, a], b: [{}, b] }), requests, 50);
    expect([answer.replicas, answer.utilization]).toEqual([replicas, utilization]);
  });

  it.each([
    { case: 'a Pod without metrics holds growth back', used: 300, other: {}, replicas: 4, current: 3 },
    { case: 'it holds shrinking back more', used: 60, other: {}, replicas: 3, current: 3 },
    {
      case: 'a Pod that starts counts as idle when growing',
      used: 300,
      other: { phase: 'Pending' },
      replicas: 6,
      current: 3,
    },
  ])('$case', ({ used, other, replicas, current }) => {
    const waiting: [PodFacts, undefined] = [other, undefined];
    const pods = { a: [{}, used], b: [{}, used], c: waiting } as Record<string, [PodFacts, number | undefined]>;
    const target = replicas === 6 ? 50 : 75;
    expect(proposeByUtilization(measurement(pods, { currentReplicas: current }), requests, target).replicas).toBe(
      replicas,
    );
  });

  it('never turns round because of what it assumes', () => {
    const pods: Record<string, [PodFacts, number | undefined]> = {
      a: [{}, 130],
      b: [{}, undefined],
      c: [{}, undefined],
    };
    expect(proposeByUtilization(measurement(pods), requests, 50).replicas).toBe(3);
  });

  it.each([
    { case: 'no Pods', pods: {}, text: 'no pods returned by selector while calculating replica count' },
    {
      case: 'only unready ones',
      pods: { a: [{ phase: 'Pending' }, 100] as [PodFacts, number] },
      text: 'did not receive metrics for targeted pods (pods might be unready)',
    },
  ])('says why it cannot tell: $case', ({ pods, text }) => {
    const question = measurement(pods as Record<string, [PodFacts, number | undefined]>);
    expect(() => proposeByUtilization(question, requests, 50)).toThrow(text);
  });
});

describe('replicas by value', () => {
  it.each([
    { used: [300, 500], target: 200, replicas: 4 },
    { used: [190, 205], target: 200, replicas: 2 },
    { used: [20, 20], target: 200, replicas: 1 },
  ])('$used against $target', ({ used: [a, b], target, replicas }) => {
    expect(proposeByValue(measurement({ a: [{}, a], b: [{}, b] }), target).replicas).toBe(replicas);
  });
});

describe('which Pods count', () => {
  it.each([
    { case: 'a Pod that runs', facts: {}, group: 'ready' },
    { case: 'one that is deleted', facts: { deleted: true }, group: 'ignored' },
    { case: 'one that failed', facts: { phase: 'Failed' }, group: 'ignored' },
    { case: 'one that is pending', facts: { phase: 'Pending' }, group: 'unready' },
    { case: 'a young one measured before it was ready', facts: { age: 60, changed: 10 }, group: 'unready' },
    { case: 'a young one measured after it was ready', facts: { age: 60, changed: 30 }, group: 'ready' },
    { case: 'an old one that became unready', facts: { age: 3600, ready: false, changed: 60 }, group: 'ready' },
    { case: 'an old one that was never ready', facts: { age: 3600, ready: false, changed: 3590 }, group: 'unready' },
  ])('$case: $group', ({ facts, group }) => {
    const groups = groupPods(measurement({ a: [facts, 100] }));
    const found = groups.readyCount === 1 ? 'ready' : groups.ignored.has('a') ? 'ignored' : 'unready';
    expect(found).toBe(group);
  });
});
