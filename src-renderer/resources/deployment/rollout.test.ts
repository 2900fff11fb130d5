import { expect, it } from 'vitest';
import type { Deployment } from '#common/kube/types';
import { rolloutOf } from './rollout';

it('reads a rollout that is half way', () => {
  const deployment = {
    metadata: { annotations: { 'deployment.kubernetes.io/revision': '15' } },
    spec: { replicas: 4, strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: '25%' } } },
    status: { replicas: 5, updatedReplicas: 2, readyReplicas: 4, availableReplicas: 3 },
  } as unknown as Deployment;
  expect(rolloutOf(deployment)).toEqual({
    wanted: 4,
    total: 5,
    updated: 2,
    ready: 4,
    available: 3,
    old: 3,
    paused: false,
    revision: '15',
    strategy: { type: 'RollingUpdate', unavailable: '25%', surge: '1' },
    deadlineSeconds: 600,
    minReadySeconds: 0,
  });
});

it('has the defaults of the API where nothing is written', () => {
  expect(rolloutOf({ metadata: {} } as unknown as Deployment)).toMatchObject({
    wanted: 1,
    strategy: { type: 'RollingUpdate', unavailable: '25%', surge: '25%' },
  });
});
