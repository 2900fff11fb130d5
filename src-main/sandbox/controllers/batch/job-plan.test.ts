import { describe, expect, it } from 'vitest';
import type { Job, Pod } from '#common/kube/types';
import { NO_BACKOFF, nextBackoff } from './job-backoff';
import { factsOf, TRACKING } from './job-facts';
import { formatIndexes, INDEX, parseIndexes } from './job-indexes';
import { planCompletion, planEnd, planPods } from './job-plan';

const NOW = Date.UTC(2026, 0, 1);
const START = '2025-12-31T23:59:00Z';

function job(spec: Partial<Job['spec']> = {}, status: Job['status'] = {}): Job {
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: 'sum', uid: 'sum', resourceVersion: '1', creationTimestamp: START },
    spec: { completions: 1, parallelism: 1, backoffLimit: 6, template: { spec: { containers: [] } }, ...spec },
    status: { startTime: START, ...status },
  };
}

function pod(
  name: string,
  phase: string,
  { index, finishedAt = START }: { index?: number; finishedAt?: string } = {},
): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      uid: name,
      resourceVersion: '1',
      creationTimestamp: START,
      finalizers: [TRACKING],
      annotations: index === undefined ? {} : { [INDEX]: String(index) },
    },
    spec: { containers: [] },
    status: {
      phase,
      containerStatuses: [
        {
          name: 'c',
          ready: false,
          restartCount: 0,
          image: '',
          imageID: '',
          state: { terminated: { exitCode: 1, finishedAt } },
        },
      ],
    },
  };
}

function plan(given: Job, pods: Pod[], before = NO_BACKOFF) {
  const facts = factsOf(given, pods);
  const end = planEnd(facts, NOW) ?? planCompletion(facts, facts.active.length);
  const backoff = nextBackoff(before, facts.newlySucceeded, facts.newlyFailed);
  const { create, remove, waitMs } = planPods(facts, backoff, NOW);
  return { end: end?.reason, create, remove: remove.map(({ metadata }) => metadata.name), waitMs };
}

describe('a Job', () => {
  it.each([
    { case: 'starts with its parallelism', spec: { completions: 5, parallelism: 2 }, pods: [], create: 2 },
    {
      case: 'starts no more than are left',
      spec: { completions: 3, parallelism: 2 },
      status: { succeeded: 2 },
      pods: [],
      create: 1,
    },
    {
      case: 'waits for those that run',
      spec: { completions: 3, parallelism: 2 },
      pods: [pod('a', 'Running'), pod('b', 'Pending')],
      create: 0,
    },
    { case: 'starts nothing while suspended', spec: { suspend: true }, pods: [], create: 0 },
    {
      case: 'without completions starts nothing after a success',
      spec: { parallelism: 3, completions: undefined as never },
      pods: [pod('a', 'Running'), pod('b', 'Succeeded')],
      create: 0,
    },
  ])('$case', ({ spec, status, pods, create }) => {
    expect(plan(job(spec, status), pods).create).toHaveLength(create);
  });

  it('ends surplus Pods when its parallelism shrinks', () => {
    expect(plan(job({ completions: 9, parallelism: 1 }), [pod('a', 'Running'), pod('b', 'Running')]).remove).toEqual([
      'a',
    ]);
  });

  it('waits longer after each failure', () => {
    const failed = pod('a', 'Failed', { finishedAt: '2025-12-31T23:59:55Z' });
    expect(plan(job(), [failed])).toMatchObject({ create: [], waitMs: 5000 });
    const before = { failures: 2, lastFailureMs: 0 };
    expect(plan(job({}, { failed: 2 }), [failed], before)).toMatchObject({ create: [], waitMs: 35_000 });
    expect(plan(job(), [pod('a', 'Failed')])).toMatchObject({ create: [undefined], waitMs: undefined });
  });

  it.each([
    {
      case: 'enough successes',
      given: job({ completions: 2 }, { succeeded: 1 }),
      pods: [pod('a', 'Succeeded')],
      end: 'CompletionsReached',
    },
    {
      case: 'too many failures',
      given: job({ backoffLimit: 1 }, { failed: 1 }),
      pods: [pod('a', 'Failed')],
      end: 'BackoffLimitExceeded',
    },
    {
      case: 'out of time',
      given: job({ activeDeadlineSeconds: 30 }),
      pods: [pod('a', 'Running')],
      end: 'DeadlineExceeded',
    },
    { case: 'neither', given: job({ completions: 2 }), pods: [pod('a', 'Succeeded')], end: undefined },
  ])('ends by $case', ({ given, pods, end }) => {
    expect(plan(given, pods).end).toBe(end);
  });

  it('makes Pods for the indexes that are neither done nor under way', () => {
    const indexed = job({ completionMode: 'Indexed', completions: 6, parallelism: 4 }, { completedIndexes: '0-1' });
    const pods = [pod('a', 'Running', { index: 3 }), pod('b', 'Succeeded', { index: 2 })];
    expect(plan(indexed, pods).create).toEqual([4, 5]);
  });
});

describe('indexes', () => {
  it.each([
    { indexes: [], text: '' },
    { indexes: [0], text: '0' },
    { indexes: [0, 1], text: '0,1' },
    { indexes: [5, 0, 1, 2, 7, 8, 9], text: '0-2,5,7-9' },
  ])('$text', ({ indexes, text }) => {
    expect(formatIndexes(indexes)).toBe(text);
    expect([...parseIndexes(text)].sort()).toEqual([...indexes].sort());
  });
});
