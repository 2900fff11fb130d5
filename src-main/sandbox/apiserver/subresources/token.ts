import { formatTime } from '#common/base/clock';
import type { AnyObject, KubeObject } from '#common/kube/object';
import { Pods, Secrets } from '#common/kube/resources';
import type { AuthenticationV1TokenRequest as TokenRequest } from '#common/kube/types';
import { invalidValue } from '#main/sandbox/registry/field-errors';
import { conflict, invalid, notFound } from '#main/sandbox/registry/status-errors';
import type { ApiResponse } from '../api-request';
import type { ResourceExchange } from '../exchange';
import { valueResponse } from '../object-response';
import { readObject } from '../read-object';
import { ownedByWriter } from '../virtual/owned-by-writer';

const TOKEN_REQUEST = { group: 'authentication.k8s.io', version: 'v1', kind: 'TokenRequest' };
const SHORTEST_SECONDS = 600;
const LONGEST_SECONDS = 2 ** 32;
const DEFAULT_SECONDS = 3600;

/** Issues a token for a service account. */
export async function issueToken(exchange: ResourceExchange): Promise<ApiResponse> {
  const { info, served, server } = exchange;
  const account = served.registry.get(info.namespace, info.name).object;
  const request = (await readObject(exchange, TOKEN_REQUEST)) as unknown as TokenRequest & AnyObject;
  const { managedFields } = ownedByWriter(exchange, request, TOKEN_REQUEST).metadata;
  const expirationSeconds = request.spec.expirationSeconds ?? DEFAULT_SECONDS;
  mustBeReasonable(expirationSeconds);
  const { token, expiresMs } = server.tokens.issue({
    namespace: info.namespace,
    serviceAccount: { name: account.metadata.name, uid: account.metadata.uid },
    audiences: request.spec.audiences ?? [],
    expirationSeconds,
    boundTo: boundTo(exchange, request),
  });
  const { namespace, name, uid } = account.metadata;
  const answer = {
    ...request,
    metadata: { name, namespace, uid, creationTimestamp: formatTime(server.clock.now()), managedFields },
    spec: { ...request.spec, expirationSeconds },
    status: { token, expirationTimestamp: formatTime(expiresMs) },
  };
  return valueResponse(exchange, answer, 201);
}

function mustBeReasonable(seconds: number): void {
  const refuse = (detail: string) =>
    invalid(TOKEN_REQUEST, '', [invalidValue('spec.expirationSeconds', seconds, detail)]);
  if (seconds < SHORTEST_SECONDS) throw refuse('may not specify a duration less than 10 minutes');
  if (seconds > LONGEST_SECONDS) throw refuse('may not specify a duration larger than 2^32 seconds');
}

function boundTo({ server, info }: ResourceExchange, { spec }: TokenRequest) {
  const reference = spec.boundObjectRef;
  if (!reference?.name) return undefined;
  if (reference.kind !== 'Pod' && reference.kind !== 'Secret') {
    throw invalid(TOKEN_REQUEST, '', [
      invalidValue('spec.boundObjectRef', reference, 'cannot bind token to this kind'),
    ]);
  }
  const resource = reference.kind === 'Pod' ? Pods : Secrets;
  const object: KubeObject | undefined = server.store
    .collection(server.catalogue.registry(resource).collection.id)
    .get(`${info.namespace}/${reference.name}`)?.object;
  if (!object) throw notFound(resource, reference.name);
  if (reference.uid && reference.uid !== object.metadata.uid) {
    const why = `the UID in the bound object reference (${reference.uid}) does not match the UID in record. The object might have been deleted and then recreated`;
    throw conflict(resource, reference.name, why);
  }
  return { kind: reference.kind, name: reference.name, uid: object.metadata.uid } as const;
}
