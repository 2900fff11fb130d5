import type { Deployment } from '#common/kube/types';

/** How far a Deployment's rollout is, in numbers. */
export interface Rollout {
  wanted: number;
  total: number;
  updated: number;
  ready: number;
  available: number;
  /** Pods of an older template that are still there. */
  old: number;
  paused: boolean;
  revision: string | undefined;
  strategy: Strategy;
  deadlineSeconds: number;
  minReadySeconds: number;
}

type Strategy = { type: 'Recreate' } | { type: 'RollingUpdate'; unavailable: string; surge: string };

/** The numbers of a Deployment; what the server has not filled in has the API's own default. */
export function rolloutOf({ metadata, spec, status }: Deployment): Rollout {
  const { replicas = 1, paused = false, progressDeadlineSeconds = 600, minReadySeconds = 0 } = spec ?? {};
  const { replicas: total = 0, updatedReplicas = 0, readyReplicas = 0, availableReplicas = 0 } = status ?? {};
  return {
    wanted: replicas,
    total,
    updated: updatedReplicas,
    ready: readyReplicas,
    available: availableReplicas,
    old: Math.max(0, total - updatedReplicas),
    paused,
    revision: metadata.annotations?.['deployment.kubernetes.io/revision'],
    strategy: strategyOf(spec?.strategy),
    deadlineSeconds: progressDeadlineSeconds,
    minReadySeconds,
  };
}

function strategyOf(strategy: NonNullable<Deployment['spec']>['strategy']): Strategy {
  if (strategy?.type === 'Recreate') return { type: 'Recreate' };
  const { maxUnavailable = '25%', maxSurge = '25%' } = strategy?.rollingUpdate ?? {};
  return { type: 'RollingUpdate', unavailable: String(maxUnavailable), surge: String(maxSurge) };
}
