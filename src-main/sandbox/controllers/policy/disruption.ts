import { messageOf } from '#common/base/errors';
import { matchesSelector, type LabelSelector } from '#common/kinds/selector';
import { keyOf } from '#common/kube/object';
import {
  Deployments,
  PodDisruptionBudgets,
  Pods,
  ReplicaSets,
  ReplicationControllers,
  StatefulSets,
} from '#common/kube/resources';
import { ApiStatusError, isConflict } from '#common/kube/status-error';
import type { Pod, PodDisruptionBudget, PodDisruptionBudgetStatus } from '#common/kube/types';
import type { ControllerCache } from '../runtime/controller-cache';
import {
  again,
  defineController,
  settled,
  watched,
  type Outcome,
  type ReconcileContext,
} from '../runtime/define-controller';
import { sameStatus } from '../runtime/same-json';
import { budgetStatus, expectedOf, failedStatus, needsScale, openDisruptions } from './disruption-status';
import { expectedScale } from './expected-scale';

/** Tells in the status of each PodDisruptionBudget how many of its Pods may be evicted now. */
export const disruptionController = defineController({
  name: 'disruption',
  component: 'controllermanager',
  reconciles: PodDisruptionBudgets,
  watches: [
    watched(Pods, budgetsOf),
    // Read for their scale only: what they change shows in Pods.
    watched(Deployments, () => []),
    watched(ReplicaSets, () => []),
    watched(ReplicationControllers, () => []),
    watched(StatefulSets, () => []),
  ],

  async reconcile(key, context) {
    const budget = context.cache.get(PodDisruptionBudgets, key);
    if (!budget) return settled;
    const pods = context.cache
      .inNamespace(Pods, budget.metadata.namespace)
      .filter((pod) => matchesSelector(selectorOf(budget), pod));
    try {
      return await count(budget, pods, context);
    } catch (failure) {
      if (isConflict(failure) || context.signal.aborted) throw failure;
      await failSafe(budget, failure, context);
      return settled;
    }
  },
});

const selectorOf = ({ spec }: PodDisruptionBudget) => spec.selector as LabelSelector | undefined;

function budgetsOf(pod: Pod, cache: ControllerCache): string[] {
  return cache
    .inNamespace(PodDisruptionBudgets, pod.metadata.namespace)
    .filter((budget) => matchesSelector(selectorOf(budget), pod))
    .map(keyOf);
}

async function count(budget: PodDisruptionBudget, pods: readonly Pod[], context: ReconcileContext): Promise<Outcome> {
  const { record, clock } = context;
  if (pods.length === 0) record(budget, { type: 'Normal', reason: 'NoPods', message: 'No matching pods found' });
  const expected = await expectedPods(budget, pods, context);
  const nowMs = clock.now();
  const open = openDisruptions(budget, pods, nowMs);
  for (const pod of open.overdue) {
    const { namespace } = budget.metadata;
    // The server names the namespace twice, not the budget.
    const message = `Pod was expected by PDB ${namespace}/${namespace} to be deleted but it wasn't`;
    record(pod, { type: 'Warning', reason: 'NotDeleted', message });
  }
  await publish(budget, budgetStatus(budget, { ...expected, pods, open, nowMs }), context);
  return open.recheckMs === undefined ? settled : again(open.recheckMs - nowMs + 1);
}

async function expectedPods(budget: PodDisruptionBudget, pods: readonly Pod[], context: ReconcileContext) {
  if (!needsScale(budget)) return expectedOf(budget, pods.length);
  const { record } = context;
  try {
    const scale = await expectedScale(pods, context);
    if (scale.unmanaged.length > 0) record(budget, { type: 'Warning', reason: 'UnmanagedPods', message: told(budget) });
    return expectedOf(budget, scale.count);
  } catch (failure) {
    const message = `Failed to calculate the number of expected pods: ${messageOf(failure)}`;
    if (!context.signal.aborted)
      record(budget, { type: 'Warning', reason: 'CalculateExpectedPodCountFailed', message });
    throw failure;
  }
}

/** Nobody may be evicted while nobody knows how many there should be. */
async function failSafe(budget: PodDisruptionBudget, failure: unknown, context: ReconcileContext): Promise<void> {
  // A write that the server refused is tried again; what cannot be counted waits for the next change.
  if (failure instanceof ApiStatusError) throw failure;
  await publish(budget, failedStatus(budget, messageOf(failure), context.clock.now()), context);
}

async function publish(
  budget: PodDisruptionBudget,
  status: PodDisruptionBudgetStatus,
  { client, signal }: ReconcileContext,
): Promise<void> {
  if (sameStatus(status, budget.status)) return;
  await client.updateStatus(PodDisruptionBudgets, { ...budget, status }, { signal });
}

function told(budget: PodDisruptionBudget): string {
  return [
    `Pods selected by this PodDisruptionBudget (selector: ${goText(selectorOf(budget))}) were found to be unmanaged.`,
    'As a result, the status of the PDB cannot be calculated correctly, which may result in undefined behavior.',
    'To account for these pods please set ".spec.minAvailable" field of the PDB to an integer value.',
  ].join(' ');
}

/** As Go prints a LabelSelector. */
function goText(selector: LabelSelector | undefined): string {
  if (!selector) return 'nil';
  const labels = Object.entries(selector.matchLabels ?? {}).toSorted(([left], [right]) => (left < right ? -1 : 1));
  const expressions = (selector.matchExpressions ?? []).map(
    ({ key, operator, values = [] }) =>
      `LabelSelectorRequirement{Key:${key},Operator:${operator},Values:[${values.join(' ')}],},`,
  );
  const map = `map[string]string{${labels.map(([key, value]) => `${key}: ${value},`).join('')}}`;
  return `&LabelSelector{MatchLabels:${map},MatchExpressions:[]LabelSelectorRequirement{${expressions.join('')}},}`;
}
