import { matchesSelector } from '#common/kinds/selector';
import { PodDisruptionBudgets } from '#common/kube/resources';
import { failure, type Status } from '#common/kube/status-error';
import type { Eviction, Pod, PodCondition, PodDisruptionBudget } from '#common/kube/types';
import { formatTime } from '#common/base/clock';
import type { AnyObject } from '#common/kube/object';
import type { DeleteOptions } from '#main/sandbox/registry/deletion-plan';
import { draftOf } from '#main/sandbox/registry/object-state';
import type { WriteRequest } from '#main/sandbox/registry/registry-context';
import { badRequest, forbidden, notFound } from '#main/sandbox/registry/status-errors';
import { keysOf } from '#main/sandbox/store/collection';
import type { ApiResponse } from '../api-request';
import type { ResourceExchange } from '../exchange';
import { valueResponse } from '../object-response';
import { readObject } from '../read-object';
import { dryRunOf, writeRequest } from '../write-request';
import { admitPosted } from './admit';

const EVICTION = { group: 'policy', version: 'v1', kind: 'Eviction' };

/** Deletes a Pod as its disruption budget allows. */
export async function evict(exchange: ResourceExchange): Promise<ApiResponse> {
  const { info, served } = exchange;
  const eviction = (await readObject(exchange, EVICTION)) as unknown as Eviction;
  if (eviction.metadata.name !== info.name) throw badRequest('name in URL does not match name in Eviction object');
  await admitPosted(exchange, eviction as unknown as AnyObject);
  const options = (eviction.deleteOptions ?? {}) as DeleteOptions;
  const write = writeRequest(exchange, 'CreateOptions');
  const request = {
    ...write,
    subresource: '',
    dryRun: write.dryRun || dryRunOf(options.dryRun ?? [], 'DeleteOptions'),
  };
  const pod = served.registry.get(info.namespace, info.name).object as unknown as Pod;
  if (!skipsBudgets(pod)) {
    const budgets = budgetsOf(exchange, pod);
    if (budgets.length > 1) return valueResponse(exchange, tooManyBudgets, 500);
    const [budget] = budgets;
    if (budget) await useBudget(exchange, { budget, pod, dryRun: request.dryRun });
  }
  const revision = request.dryRun ? undefined : await announce(exchange, request, options);
  await served.registry.delete(info.name, revision ? boundTo(revision, options) : options, request);
  return valueResponse(exchange, success, 201);
}

/** A Pod that does not run, or is going already, costs nobody anything. */
function skipsBudgets({ metadata, status }: Pod): boolean {
  const phase = status?.phase;
  return phase === 'Succeeded' || phase === 'Failed' || phase === 'Pending' || Boolean(metadata.deletionTimestamp);
}

/** The Pod says why it goes before it goes. Answers its revision after that. */
async function announce(
  { info, served, server }: ResourceExchange,
  request: WriteRequest,
  options: DeleteOptions,
): Promise<string> {
  const { registry } = served;
  const condition: PodCondition = {
    type: 'DisruptionTarget',
    status: 'True',
    reason: 'EvictionByEvictionAPI',
    message: 'Eviction API: evicting',
    lastTransitionTime: formatTime(server.clock.now()),
  };
  const announced = (current: AnyObject | undefined): AnyObject => {
    if (!current) throw notFound(registry.resource, info.name);
    registry.meetPreconditions(current, options);
    const pod = current as unknown as Pod;
    return { ...draftOf(current), status: { ...pod.status, conditions: withCondition(pod, condition) } };
  };
  // Nobody owns the condition: the server itself wrote it.
  const quiet = { ...request, isPatch: true, bringsManagedFields: true, subresource: 'status' };
  const { entry } = await registry.update(info.name, announced, quiet);
  return entry.object.metadata.resourceVersion;
}

function withCondition({ status }: Pod, condition: PodCondition): PodCondition[] {
  const known = status?.conditions ?? [];
  const before = known.find(({ type }) => type === condition.type);
  if (!before) return [...known, condition];
  const lastTransitionTime =
    before.status === condition.status ? before.lastTransitionTime : condition.lastTransitionTime;
  const next = { ...condition, ...(lastTransitionTime ? { lastTransitionTime } : {}) };
  return known.map((one) => (one === before ? next : one));
}

/** A precondition on the revision follows the revision of the announcement. */
function boundTo(resourceVersion: string, options: DeleteOptions): DeleteOptions {
  if (!options.preconditions?.resourceVersion) return options;
  return { ...options, preconditions: { ...options.preconditions, resourceVersion } };
}

interface BudgetUse {
  budget: PodDisruptionBudget;
  pod: Pod;
  dryRun: boolean;
}

async function useBudget(exchange: ResourceExchange, { budget, pod, dryRun }: BudgetUse): Promise<void> {
  if (!isReady(pod) && mayIgnoreUnready(budget)) return;
  refuse(budget);
  const registry = exchange.server.catalogue.registry(PodDisruptionBudgets);
  const request = { ...writeRequest(exchange, 'CreateOptions'), isPatch: true, subresource: 'status', dryRun };
  const disrupted = formatTime(exchange.server.clock.now());
  await registry.update(
    budget.metadata.name,
    (current) => charged(current ?? (budget as never), pod, disrupted),
    request,
  );
}

function budgetsOf({ server, info }: ResourceExchange, pod: Pod): PodDisruptionBudget[] {
  const { collection } = server.catalogue.registry(PodDisruptionBudgets);
  const budgets = collection.list(keysOf(info.namespace)).map(({ object }) => object as unknown as PodDisruptionBudget);
  return budgets.filter(({ spec }) => matchesSelector(spec.selector as never, pod));
}

function isReady({ status }: Pod): boolean {
  return status?.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True') ?? false;
}

/** The rule for Pods that are not healthy anyway. */
function mayIgnoreUnready({ spec, status }: PodDisruptionBudget): boolean {
  if (spec.unhealthyPodEvictionPolicy === 'AlwaysAllow') return true;
  return (status?.currentHealthy ?? 0) >= (status?.desiredHealthy ?? 0) && (status?.desiredHealthy ?? 0) > 0;
}

/** Evictions that no controller has confirmed yet; beyond these nobody is let go. */
const MAX_DISRUPTED_PODS = 2000;

function refuse(budget: PodDisruptionBudget): void {
  const { metadata, status } = budget;
  const { name } = metadata;
  if ((status?.observedGeneration ?? 0) < (metadata.generation ?? 0)) {
    throw tooMany(`The disruption budget ${name} is still being processed by the server.`, 10);
  }
  const refused = (why: string) => forbidden({ group: 'policy', plural: 'poddisruptionbudget' }, name, why);
  const allowed = status?.disruptionsAllowed ?? 0;
  if (allowed < 0) throw refused('pdb disruptions allowed is negative');
  if (Object.keys(status?.disruptedPods ?? {}).length > MAX_DISRUPTED_PODS) {
    throw refused('DisruptedPods map too big - too many evictions not confirmed by PDB controller');
  }
  if (allowed === 0) throw tooMany(whyNone(budget));
}

function whyNone({ metadata: { name }, status }: PodDisruptionBudget): string {
  const condition = status?.conditions?.find(({ type }) => type === 'DisruptionAllowed');
  const said = condition?.status === 'False' ? condition.message : '';
  const { desiredHealthy = 0, currentHealthy = 0 } = status ?? {};
  const refusal = `The disruption budget ${name} does not allow evicting pods currently`;
  if (said && condition?.reason === 'SyncFailed') return `${refusal} because it failed sync: ${said}`;
  if (currentHealthy <= desiredHealthy) {
    return `The disruption budget ${name} needs ${desiredHealthy} healthy pods and has ${currentHealthy} currently`;
  }
  return said ? `${refusal} (${condition?.reason}): ${said}` : refusal;
}

function tooMany(message: string, retryAfterSeconds?: number) {
  return failure(429, 'TooManyRequests', "Cannot evict pod as it would violate the pod's disruption budget.", {
    causes: [{ reason: 'DisruptionBudget', message }],
    ...(retryAfterSeconds ? { retryAfterSeconds } : {}),
  });
}

function charged(current: AnyObject, pod: Pod, time: string): AnyObject {
  const budget = current as unknown as PodDisruptionBudget;
  refuse(budget);
  const status = budget.status ?? { disruptionsAllowed: 0, currentHealthy: 0, desiredHealthy: 0, expectedPods: 0 };
  const disruptionsAllowed = (status.disruptionsAllowed ?? 0) - 1;
  return {
    ...draftOf(current),
    status: {
      ...status,
      disruptionsAllowed,
      disruptedPods: { ...status.disruptedPods, [pod.metadata.name]: time },
      ...(disruptionsAllowed === 0 ? { conditions: exhausted(budget, time) } : {}),
    },
  };
}

/** The budget says at once that nobody else may go. */
function exhausted({ status }: PodDisruptionBudget, time: string) {
  return (status?.conditions ?? []).map((one) => {
    if (one.type !== 'DisruptionAllowed') return one;
    const lastTransitionTime = one.status === 'False' ? one.lastTransitionTime : time;
    return { ...one, status: 'False', reason: 'InsufficientPods', message: '', lastTransitionTime };
  });
}

const success: Status = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 };

const tooManyBudgets: Status = {
  kind: 'Status',
  apiVersion: 'v1',
  metadata: {},
  status: 'Failure',
  message: 'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.',
  code: 500,
};
