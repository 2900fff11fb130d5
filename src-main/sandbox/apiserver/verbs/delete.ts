import type { Status } from '#common/kube/status-error';
import type { AnyObject } from '#common/kube/object';
import { isUndecided, type DeleteOptions } from '#main/sandbox/registry/deletion-plan';
import { invalidValue, notSupported } from '#main/sandbox/registry/field-errors';
import { invalid } from '#main/sandbox/registry/status-errors';
import type { ApiResponse } from '../api-request';
import type { ResourceExchange } from '../exchange';
import { listResponse, objectResponse, valueResponse } from '../object-response';
import { readOptions } from '../read-object';
import { selectionOf } from '../selection';
import { dryRunOf, writeRequest } from '../write-request';
import { isTrue } from '../request-info';

/** The object itself while something still holds it, else what was deleted. */
export async function remove(exchange: ResourceExchange): Promise<ApiResponse> {
  const { served, info } = exchange;
  const { options, request } = await deletion(exchange);
  warnOfChildren(exchange, options);
  const { entry, gone } = await served.registry.delete(info.name, options, request);
  if (!gone) return objectResponse(exchange, entry, options.orphanDependents === false ? 202 : 200);
  if (served.registry.strategy.returnsDeleted) return objectResponse(exchange, entry);
  return valueResponse(exchange, success(exchange, entry.object));
}

/** Every object that the selectors take; the answer is the list of them. */
export async function removeCollection(exchange: ResourceExchange): Promise<ApiResponse> {
  const { served } = exchange;
  const { options, request } = await deletion(exchange);
  warnOfChildren(exchange, options);
  const selection = selectionOf(exchange);
  const all = await served.serveAll(served.registry.collection.list(selection.range));
  const entries = all.filter(selection.matches);
  for (const { object } of entries) {
    const place = { ...request, namespace: object.metadata.namespace ?? '' };
    await served.registry.delete(object.metadata.name, options, place);
  }
  return listResponse(exchange, entries, { resourceVersion: String(exchange.server.store.revision) });
}

function warnOfChildren({ served, warnings }: ResourceExchange, options: DeleteOptions): void {
  const { undecidedDeletion } = served.registry.strategy;
  if (undecidedDeletion && isUndecided(options)) warnings.push(undecidedDeletion);
}

async function deletion(exchange: ResourceExchange) {
  const { query } = exchange.request;
  const body = (await readOptions(exchange, 'DeleteOptions')) as DeleteOptions | undefined;
  const options = body ?? queryOptions(query);
  validate(options);
  const request = writeRequest(exchange, 'DeleteOptions');
  const dryRun = request.dryRun || dryRunOf(options.dryRun ?? [], 'DeleteOptions');
  return { options, request: { ...request, dryRun } };
}

function queryOptions(query: URLSearchParams): DeleteOptions {
  const options: DeleteOptions = {};
  const grace = query.get('gracePeriodSeconds');
  const policy = query.get('propagationPolicy');
  if (grace !== null && grace !== '') options.gracePeriodSeconds = Number(grace);
  if (policy) options.propagationPolicy = policy;
  if (query.has('orphanDependents')) options.orphanDependents = isTrue(query.get('orphanDependents'));
  return options;
}

const POLICIES = ['Foreground', 'Background', 'Orphan'];

function validate({ propagationPolicy: policy, orphanDependents }: DeleteOptions): void {
  const kind = { group: 'meta.k8s.io', kind: 'DeleteOptions' };
  if (policy && !POLICIES.includes(policy)) {
    throw invalid(kind, '', [notSupported('propagationPolicy', policy, [...POLICIES, 'nil'])]);
  }
  if (policy && orphanDependents !== undefined) {
    const detail = 'orphanDependents and deletionPropagation cannot be both set';
    throw invalid(kind, '', [invalidValue('propagationPolicy', policy, detail)]);
  }
}

function success({ served }: ResourceExchange, { metadata }: AnyObject): Status {
  const { group, plural } = served.definition;
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Success',
    details: { name: metadata.name, ...(group ? { group } : {}), kind: plural, uid: metadata.uid },
  };
}
