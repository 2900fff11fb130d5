import { matchesSelector } from '#common/kinds/selector';
import { PodDisruptionBudgets } from '#common/kube/resources';
import { failure, type Status } from '#common/kube/status-error';
import type { Eviction, Pod, PodDisruptionBudget } from '#common/kube/types';
import { formatTime } from '#common/base/clock';
import type { AnyObject } from '#common/kube/object';
import type { DeleteOptions } from '#main/sandbox/registry/deletion-plan';
import { draftOf } from '#main/sandbox/registry/object-state';
import { badRequest } from '#main/sandbox/registry/status-errors';
import { keysOf } from '#main/sandbox/store/collection';
import type { ApiResponse } from '../api-request';
import type { ResourceExchange } from '../exchange';
import { valueResponse } from '../object-response';
import { readObject } from '../read-object';
import { dryRunOf, writeRequest } from '../write-request';

const EVICTION = { group: 'policy', version: 'v1', kind: 'Eviction' };

/** Deletes a Pod as its disruption budget allows. */
export async function evict(exchange: ResourceExchange): Promise<ApiResponse> {
  const { info, served } = exchange;
  const eviction = (await readObject(exchange, EVICTION)) as unknown as Eviction;
  if (eviction.metadata.name && eviction.metadata.name !== info.name) {
    throw badRequest(`name in URL does not match name in Eviction object: ${info.name} != ${eviction.metadata.name}`);
  }
  const options = (eviction.deleteOptions ?? {}) as DeleteOptions;
  const write = writeRequest(exchange, 'CreateOptions');
  const request = {
    ...write,
    subresource: '',
    dryRun: write.dryRun || dryRunOf(options.dryRun ?? [], 'DeleteOptions'),
  };
  const pod = served.registry.get(info.namespace, info.name).object as unknown as Pod;
  if (!skipsBudgets(pod)) await useBudget(exchange, pod, request.dryRun);
  await served.registry.delete(info.name, options, request);
  return valueResponse(exchange, success, 201);
}

/** A Pod that does not run, or is going already, costs nobody anything. */
function skipsBudgets({ metadata, status }: Pod): boolean {
  const phase = status?.phase;
  return phase === 'Succeeded' || phase === 'Failed' || phase === 'Pending' || Boolean(metadata.deletionTimestamp);
}

async function useBudget(exchange: ResourceExchange, pod: Pod, dryRun: boolean): Promise<void> {
  const [budget, ...others] = budgetsOf(exchange, pod);
  if (!budget) return;
  if (others.length > 0) {
    throw failure(
      500,
      'InternalError',
      'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.',
    );
  }
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

function refuse({ metadata, status }: PodDisruptionBudget): void {
  if ((status?.observedGeneration ?? 0) < (metadata.generation ?? 0)) {
    throw tooMany(`The disruption budget ${metadata.name} is still being processed by the server.`, 10);
  }
  if ((status?.disruptionsAllowed ?? 0) > 0) return;
  throw tooMany(
    `The disruption budget ${metadata.name} needs ${status?.desiredHealthy ?? 0} healthy pods and has ${status?.currentHealthy ?? 0} currently`,
  );
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
  return {
    ...draftOf(current),
    status: {
      ...status,
      disruptionsAllowed: (status.disruptionsAllowed ?? 0) - 1,
      disruptedPods: { ...status.disruptedPods, [pod.metadata.name]: time },
    },
  };
}

const success: Status = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 };
