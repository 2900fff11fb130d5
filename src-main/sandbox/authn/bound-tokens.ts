/** Tokens of the TokenRequest API: they end with their time, with their account, and with the object they are bound to. */
import type { KubeObject } from '#common/kube/object';
import { Nodes, Pods, Secrets, ServiceAccounts } from '#common/kube/resources';
import type { TypedResource } from '#common/kube/resource';
import { InvalidToken, type TokenObjects } from './token';
import { CREDENTIAL_ID, type User } from './user';

export interface BoundObject {
  name: string;
  uid: string;
}

export interface BoundClaims {
  iss: string;
  sub: string;
  aud: string[];
  exp: number;
  iat: number;
  nbf: number;
  jti: string;
  'kubernetes.io': {
    namespace: string;
    serviceaccount: BoundObject;
    pod?: BoundObject;
    secret?: BoundObject;
    node?: { name: string; uid?: string };
    warnafter?: number;
  };
}

/** What a deleted object is still good for. */
const LEEWAY_MS = 60_000;

export interface TokenWorld {
  objects: Pick<TokenObjects, 'get' | 'replace'>;
  nowMs: number;
}

export function boundTokenUser(claims: BoundClaims, world: TokenWorld): User {
  const nowSeconds = world.nowMs / 1000;
  const leeway = LEEWAY_MS / 1000;
  if (nowSeconds > claims.exp + leeway) throw new InvalidToken('service account token has expired');
  if (nowSeconds < claims.nbf - leeway) throw new InvalidToken('service account token is not valid yet');
  const { namespace, serviceaccount, pod, secret, node } = claims['kubernetes.io'];
  mustHaveAccount(world, namespace, serviceaccount);
  if (secret) mustLive(world, Secrets, `${namespace}/${secret.name}`, { ...secret, claim: 'secret ref' });
  if (pod) mustLive(world, Pods, `${namespace}/${pod.name}`, { ...pod, claim: 'pod ref' });
  else if (node) mustLive(world, Nodes, node.name, { uid: node.uid ?? '', claim: 'node ref' });
  return {
    name: `system:serviceaccount:${namespace}:${serviceaccount.name}`,
    uid: serviceaccount.uid,
    groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`],
    extra: {
      [CREDENTIAL_ID]: [`JTI=${claims.jti}`],
      ...(node ? about('node', node.name, node.uid) : {}),
      ...(pod ? about('pod', pod.name, pod.uid) : {}),
    },
  };
}

function about(what: string, name: string, uid: string | undefined): Record<string, string[]> {
  const key = `authentication.kubernetes.io/${what}`;
  return { [`${key}-name`]: [name], ...(uid ? { [`${key}-uid`]: [uid] } : {}) };
}

function mustHaveAccount({ objects, nowMs }: TokenWorld, namespace: string, { name, uid }: BoundObject): void {
  const account = objects.get(ServiceAccounts, `${namespace}/${name}`);
  if (!account) throw new InvalidToken(`serviceaccounts ${JSON.stringify(name)} not found`);
  if (account.metadata.uid !== uid) {
    throw new InvalidToken(`service account UID (${account.metadata.uid}) does not match claim (${uid})`);
  }
  if (isGone(account, nowMs)) throw new InvalidToken(`service account ${namespace}/${name} has been deleted`);
}

function mustLive<T extends KubeObject>(
  { objects, nowMs }: TokenWorld,
  resource: TypedResource<T>,
  key: string,
  { uid, claim }: { uid: string; claim: string },
): void {
  const object = objects.get(resource, key);
  if (!object || isGone(object, nowMs)) throw new InvalidToken('service account token has been invalidated');
  const found = object.metadata.uid;
  const subject = resource.kind.toLowerCase();
  if (found !== uid) {
    throw new InvalidToken(`${subject} UID (${found}) does not match service account ${claim} claim (${uid})`);
  }
}

function isGone({ metadata }: KubeObject, nowMs: number): boolean {
  return metadata.deletionTimestamp !== undefined && Date.parse(metadata.deletionTimestamp) < nowMs - LEEWAY_MS;
}
