/** What the workloads of apps/v1 have in common. */
import { matchesSelector } from '#common/kinds/selector';
import type { LabelSelector, PodTemplateSpec } from '#common/kube/types';
import { invalidValue, required, type FieldError } from '../field-errors';
import { checkLabelSelector, isReadable } from '../selector-rules';
import { checkNotNegative } from '../value-rules';

const MISMATCH = '`selector` does not match template `labels`';

/** It must be there and must not select everything; `kind` is how the refusal calls the workload. */
export function checkWorkloadSelector(selector: LabelSelector | undefined, kind: string, into: FieldError[]): void {
  if (!selector) {
    into.push(required('spec.selector'));
    return;
  }
  checkLabelSelector(selector, 'spec.selector', into);
  if (isEmpty(selector)) into.push(invalidValue('spec.selector', selector, `empty selector is invalid for ${kind}`));
}

export const isEmpty = ({ matchLabels = {}, matchExpressions = [] }: LabelSelector): boolean =>
  Object.keys(matchLabels).length + matchExpressions.length === 0;

/** Whether the template may be looked at: with a selector that nobody can read, the server stops there. */
export function checkReadable(selector: LabelSelector | undefined, detail: string, into: FieldError[]): boolean {
  if (!selector || isReadable(selector)) return true;
  into.push(
    detail
      ? invalidValue('spec.selector', selector, detail)
      : { reason: 'FieldValueInvalid', field: 'spec.selector', body: `Invalid value: ${JSON.stringify(selector)}` },
  );
  return false;
}

/** A missing selector selects nothing; an empty one is told of elsewhere. */
export function checkSelected(
  selector: LabelSelector | undefined,
  template: PodTemplateSpec | undefined,
  path: string,
  into: FieldError[],
): void {
  if (selector && isEmpty(selector)) return;
  const labels = template?.metadata?.labels;
  const isSelected = selector && matchesSelector(selector as never, { metadata: labels ? { labels } : {} });
  if (!isSelected) into.push(invalidValue(`${path}.metadata.labels`, labels ?? null, MISMATCH));
}

interface ReplicaStatus {
  replicas?: number;
  fullyLabeledReplicas?: number;
  readyReplicas?: number;
  availableReplicas?: number;
  observedGeneration?: number;
  terminatingReplicas?: number;
}

const TOO_MANY = 'cannot be greater than status.replicas';

/** Of ReplicaSets and ReplicationControllers. */
export function checkReplicaStatus(status: ReplicaStatus, into: FieldError[]): void {
  checkCounts(
    status,
    [
      'replicas',
      'fullyLabeledReplicas',
      'readyReplicas',
      'availableReplicas',
      'observedGeneration',
      'terminatingReplicas',
    ],
    into,
  );
  checkAtMostReplicas(status, ['fullyLabeledReplicas', 'readyReplicas', 'availableReplicas'], into);
  checkAvailable(status, 'readyReplicas', into);
}

export function checkCounts<T extends object>(
  status: T,
  fields: readonly (keyof T & string)[],
  into: FieldError[],
): void {
  for (const field of fields) checkNotNegative(status[field] as number | undefined, `status.${field}`, into);
}

export function checkAtMostReplicas<T extends { replicas?: number }>(
  status: T,
  fields: readonly (keyof T & string)[],
  into: FieldError[],
): void {
  for (const field of fields) {
    const count = (status[field] as number | undefined) ?? 0;
    if (count > (status.replicas ?? 0)) into.push(invalidValue(`status.${field}`, count, TOO_MANY));
  }
}

/** `limit` is how the refusal calls the count of ready ones. */
export function checkAvailable(
  { availableReplicas = 0, readyReplicas = 0 }: ReplicaStatus,
  limit: string,
  into: FieldError[],
): void {
  if (availableReplicas > readyReplicas)
    into.push(invalidValue('status.availableReplicas', availableReplicas, `cannot be greater than ${limit}`));
}

interface Collisions {
  collisionCount?: number;
}

export function checkCollisions(next: Collisions = {}, current: Collisions = {}, into: FieldError[]): void {
  const before = current.collisionCount;
  if (before === undefined) return;
  const { collisionCount: count } = next;
  if (count === undefined || count < before)
    into.push(invalidValue('status.collisionCount', count ?? 0, 'cannot be decremented'));
}
