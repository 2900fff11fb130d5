/** Which ReplicaSet is the current one of a Deployment, and which revision each one has. */
import type { Deployment, ReplicaSet } from '#common/kube/types';
import { byCreation, DESIRED_REPLICAS, fencesOf, MAX_REPLICAS, replicasOf } from './rollout-plan';
import { sameTemplate } from './template-hash';

export const REVISION = 'deployment.kubernetes.io/revision';
const REVISION_HISTORY = 'deployment.kubernetes.io/revision-history';
/** Longest list of earlier revisions that a ReplicaSet remembers, in characters. */
const MAX_HISTORY_LENGTH = 2000;

/** Annotations of a Deployment that mean nothing on its ReplicaSets. */
const NOT_COPIED: ReadonlySet<string> = new Set([
  'kubectl.kubernetes.io/last-applied-configuration',
  REVISION,
  REVISION_HISTORY,
  DESIRED_REPLICAS,
  MAX_REPLICAS,
  'deprecated.deployment.rollback.to',
]);

export const revisionOf = ({ metadata }: ReplicaSet): number => Number(metadata.annotations?.[REVISION] ?? 0) || 0;

export interface Split {
  newSet: ReplicaSet | undefined;
  old: ReplicaSet[];
}

/** The ReplicaSet with the Deployment's template, the oldest if there are several, and all others. */
export function splitReplicaSets({ spec }: Deployment, sets: readonly ReplicaSet[]): Split {
  const newSet = byCreation(sets).find((set) => sameTemplate(set.spec.template, spec.template));
  return { newSet, old: sets.filter((set) => set !== newSet) };
}

export const highestRevision = (sets: readonly ReplicaSet[]): number =>
  sets.reduce((highest, set) => Math.max(highest, revisionOf(set)), 0);

/** The annotations the ReplicaSet of a template should have; the same object when it has them. */
export function newSetAnnotations(
  deployment: Deployment,
  current: Readonly<Record<string, string>> | undefined,
  revision: number,
): Record<string, string> {
  const annotations = { ...current };
  for (const [name, value] of Object.entries(deployment.metadata.annotations ?? {})) {
    if (!NOT_COPIED.has(name)) annotations[name] = value;
  }
  const before = Number(annotations[REVISION] ?? 0) || 0;
  if (before < revision) {
    if (before > 0) annotations[REVISION_HISTORY] = withHistory(annotations[REVISION_HISTORY], before);
    annotations[REVISION] = String(revision);
  }
  return annotations;
}

function withHistory(history: string | undefined, revision: number): string {
  const revisions = [...(history ? history.split(',') : []), String(revision)];
  while (revisions.length > 1 && revisions.join(',').length > MAX_HISTORY_LENGTH) revisions.shift();
  return revisions.join(',');
}

/** What the proportions of a rollout are worked out from. */
export function sizeAnnotations(deployment: Deployment): Record<string, string> {
  const wanted = replicasOf(deployment);
  return {
    [DESIRED_REPLICAS]: String(wanted),
    [MAX_REPLICAS]: String(wanted + fencesOf(deployment).maxSurge),
  };
}

/** Old ReplicaSets beyond the history limit that nothing runs in, oldest revision first. */
export function planCleanup({ spec }: Deployment, old: readonly ReplicaSet[]): ReplicaSet[] {
  const limit = spec.revisionHistoryLimit;
  if (limit === undefined || limit === 2 ** 31 - 1) return [];
  const alive = old.filter(({ metadata }) => !metadata.deletionTimestamp);
  const surplus = alive.length - limit;
  if (surplus <= 0) return [];
  return [...alive]
    .sort((left, right) => revisionOf(left) - revisionOf(right))
    .slice(0, surplus)
    .filter(
      (set) =>
        replicasOf(set) === 0 &&
        (set.status?.replicas ?? 0) === 0 &&
        (set.metadata.generation ?? 0) <= (set.status?.observedGeneration ?? 0),
    );
}
