import { expect, it } from 'vitest';
import type { AnyObject } from '#common/kube/object';
import { progressOf } from './progress';

const object = (kind: string, spec: object, status: object) => ({ kind, spec, status }) as unknown as AnyObject;

it.each([
  {
    case: 'a StatefulSet',
    object: object('StatefulSet', { replicas: 3 }, { replicas: 3, readyReplicas: 2, updatedReplicas: 3 }),
    progress: { wanted: 3, ready: 2, updated: 3, total: 3, facts: [{ key: 'updated', count: 3 }] },
  },
  {
    case: 'a DaemonSet',
    object: object(
      'DaemonSet',
      {},
      { desiredNumberScheduled: 5, numberReady: 4, currentNumberScheduled: 5, numberMisscheduled: 1 },
    ),
    progress: { wanted: 5, ready: 4, updated: undefined, total: 5, facts: [{ key: 'misplaced', count: 1 }] },
  },
  {
    case: 'a Job',
    object: object('Job', { completions: 4, parallelism: 2 }, { succeeded: 1, active: 2, failed: 1 }),
    progress: {
      wanted: 4,
      ready: 1,
      updated: undefined,
      total: undefined,
      facts: [
        { key: 'active', count: 2 },
        { key: 'failed', count: 1 },
      ],
    },
  },
  { case: 'anything else', object: object('Widget', {}, {}), progress: undefined },
])('reads the progress of $case', ({ object, progress }) => {
  expect(progressOf(object)).toEqual(progress);
});
