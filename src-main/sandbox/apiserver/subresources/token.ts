import { formatTime } from '#common/base/clock';
import type { AnyObject, KubeObject } from '#common/kube/object';
import { parseApiVersion, type TypedResource } from '#common/kube/resource';
import { Nodes, Pods, Secrets } from '#common/kube/resources';
import type { AuthenticationV1TokenRequest as TokenRequest, Pod } from '#common/kube/types';
import { ISSUER } from '#main/sandbox/authn/token';
import { invalidValue, must } from '#main/sandbox/registry/field-errors';
import { badRequest, conflict, invalid, notFound } from '#main/sandbox/registry/status-errors';
import type { ApiResponse } from '../api-request';
import type { ResourceExchange } from '../exchange';
import { valueResponse } from '../object-response';
import { readObject } from '../read-object';
import { admitPosted } from './admit';
import { ownedByWriter } from '../virtual/owned-by-writer';

const TOKEN_REQUEST = { group: 'authentication.k8s.io', version: 'v1', kind: 'TokenRequest' };
const SHORTEST_SECONDS = 600;
const LONGEST_SECONDS = 2 ** 32;
const DEFAULT_SECONDS = 3600;
/** What kubelets ask for: such tokens are only stale after this, and good for a year. */
const STALE_SECONDS = 3607;
const EXTENDED_SECONDS = 365 * 24 * 3600;

/** Issues a token for a service account. */
export async function issueToken(exchange: ResourceExchange): Promise<ApiResponse> {
  const { info, served, server } = exchange;
  const request = (await readObject(exchange, TOKEN_REQUEST)) as unknown as TokenRequest & AnyObject;
  request.spec.expirationSeconds ??= DEFAULT_SECONDS;
  const { expirationSeconds } = request.spec;
  const { managedFields } = ownedByWriter(exchange, request, TOKEN_REQUEST).metadata;
  mustFitAddress(request, info);
  const account = served.registry.get(info.namespace, info.name).object;
  mustBeOf(request, account);
  const audiences = request.spec.audiences?.length ? request.spec.audiences : [ISSUER];
  mustBeReasonable(expirationSeconds);
  const whole = { ...request, spec: { ...request.spec, audiences: request.spec.audiences ?? [], expirationSeconds } };
  await admitPosted(exchange, whole);
  const bound = boundTo(exchange, request);
  const isExtended =
    bound?.boundTo.kind === 'Pod' && expirationSeconds === STALE_SECONDS && audiences.every((one) => one === ISSUER);
  const nowMs = server.clock.now();
  const token = server.tokens.issue({
    namespace: info.namespace,
    serviceAccount: { name: account.metadata.name, uid: account.metadata.uid },
    audiences,
    expirationSeconds: isExtended ? EXTENDED_SECONDS : expirationSeconds,
    ...(isExtended ? { warnAfterSeconds: expirationSeconds } : {}),
    ...bound,
  });
  const { namespace, name, uid } = account.metadata;
  const answer = {
    ...request,
    metadata: { name, namespace, uid, creationTimestamp: formatTime(nowMs), managedFields },
    spec: { ...request.spec, audiences, expirationSeconds },
    status: { token, expirationTimestamp: formatTime(nowMs + expirationSeconds * 1000) },
  };
  return valueResponse(exchange, answer, 201);
}

/** The body may say again what the path says. */
function mustFitAddress({ metadata }: AnyObject, { name, namespace }: { name: string; namespace: string }): void {
  if (metadata.namespace && metadata.namespace !== namespace) {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  }
  if (!metadata.name || metadata.name === name) return;
  const detail = 'must match the service account name if specified';
  throw invalid(TOKEN_REQUEST, name, [invalidValue('metadata.name', metadata.name, detail)]);
}

function mustBeOf({ metadata }: AnyObject, account: AnyObject): void {
  const { uid, name } = account.metadata;
  if (!metadata.uid || metadata.uid === uid) return;
  const why = `the UID in the token request (${metadata.uid}) does not match the UID of the service account (${uid})`;
  throw conflict({ group: TOKEN_REQUEST.group, plural: TOKEN_REQUEST.kind }, name, why);
}

function mustBeReasonable(seconds: number): void {
  const path = 'spec.expirationSeconds';
  const errors = [
    ...must(seconds >= SHORTEST_SECONDS, () =>
      invalidValue(path, seconds, 'may not specify a duration less than 10 minutes'),
    ),
    ...must(seconds <= LONGEST_SECONDS, () =>
      invalidValue(path, seconds, 'may not specify a duration larger than 2^32 seconds'),
    ),
  ];
  if (errors.length > 0) throw invalid(TOKEN_REQUEST, '', errors);
}

const KINDS = { Pod: Pods, Secret: Secrets, Node: Nodes } as const;

function boundTo(exchange: ResourceExchange, { spec }: TokenRequest) {
  const reference = spec.boundObjectRef;
  if (!reference) return undefined;
  const { group, version } = parseApiVersion(reference.apiVersion ?? '');
  const { name = '', kind = '' } = reference;
  if (group !== '' || !(kind in KINDS)) {
    throw badRequest(`cannot bind token to object of type ${group}/${version}, Kind=${kind}`);
  }
  const known = kind as keyof typeof KINDS;
  const resource = KINDS[known] as TypedResource<KubeObject>;
  const object = stored(exchange, resource, resource.namespaced ? exchange.info.namespace : '', name);
  if (!object) throw notFound(resource, name);
  const node = known === 'Pod' ? nodeOf(exchange, object as unknown as Pod) : undefined;
  const { uid } = object.metadata;
  if (reference.uid && reference.uid !== uid) {
    const why = `the UID in the bound object reference (${reference.uid}) does not match the UID in record. The object might have been deleted and then recreated`;
    throw conflict({ group: '', plural: kind }, name, why);
  }
  return { boundTo: { kind: known, name, uid }, ...(node ? { node } : {}) };
}

/** Where a Pod runs; the node may be gone. Only tokens of the Pod's own account are bound to it. */
function nodeOf(exchange: ResourceExchange, { spec }: Pod): { name: string; uid?: string } | undefined {
  const account = exchange.info.name;
  if (spec.serviceAccountName !== account) {
    const subject = `cannot bind token for serviceaccount ${JSON.stringify(account)}`;
    throw badRequest(`${subject} to pod running with different serviceaccount name.`);
  }
  if (!spec.nodeName) return undefined;
  const uid = stored(exchange, Nodes, '', spec.nodeName)?.metadata.uid;
  return { name: spec.nodeName, ...(uid ? { uid } : {}) };
}

function stored<T extends KubeObject>(
  { server }: ResourceExchange,
  resource: TypedResource<T>,
  namespace: string,
  name: string,
): KubeObject | undefined {
  const registry = server.catalogue.registry(resource);
  return registry.collection.get(registry.keyOf(namespace, name))?.object;
}
