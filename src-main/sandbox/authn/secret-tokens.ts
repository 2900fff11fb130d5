/** Tokens of the older kind, kept in Secrets of type kubernetes.io/service-account-token: good as long as these are. */
import { timingSafeEqual } from 'node:crypto';
import { Secrets, ServiceAccounts } from '#common/kube/resources';
import type { Secret } from '#common/kube/types';
import type { TokenWorld } from './bound-tokens';
import { InvalidToken } from './token';
import type { User } from './user';

export const LEGACY_ISSUER = 'kubernetes/serviceaccount';

const LAST_USED = 'kubernetes.io/legacy-token-last-used';
const INVALID_SINCE = 'kubernetes.io/legacy-token-invalid-since';

export interface SecretClaims {
  sub?: string;
  'kubernetes.io/serviceaccount/namespace'?: string;
  'kubernetes.io/serviceaccount/secret.name'?: string;
  'kubernetes.io/serviceaccount/service-account.name'?: string;
  'kubernetes.io/serviceaccount/service-account.uid'?: string;
}

export function secretTokenUser(token: string, claims: SecretClaims, world: TokenWorld): User {
  const namespace = demanded(claims['kubernetes.io/serviceaccount/namespace'], 'namespace');
  const secretName = demanded(claims['kubernetes.io/serviceaccount/secret.name'], 'secretName');
  const name = demanded(claims['kubernetes.io/serviceaccount/service-account.name'], 'serviceAccountName');
  const uid = demanded(claims['kubernetes.io/serviceaccount/service-account.uid'], 'serviceAccountUID');
  const user = `system:serviceaccount:${namespace}:${name}`;
  if (claims.sub !== user) throw new InvalidToken('sub claim is invalid');
  const secret = world.objects.get(Secrets, `${namespace}/${secretName}`);
  if (!secret || secret.metadata.deletionTimestamp) throw new InvalidToken('Token has been invalidated');
  if (!isSame(secret.data?.['token'], token)) throw new InvalidToken("Token does not match server's copy");
  mustHaveAccount(world, `${namespace}/${name}`, uid);
  markAsUsed(secret, world);
  if (secret.metadata.labels?.[INVALID_SINCE]) {
    const advice = `Use tokens from the TokenRequest API or manually created secret-based tokens, or remove the '${INVALID_SINCE}' label from the secret to temporarily allow use of this token`;
    const what = `the token in secret ${namespace}/${secretName} for service account ${namespace}/${name}`;
    throw new InvalidToken(`${what} has been marked invalid. ${advice}`);
  }
  return { name: user, uid, groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`] };
}

function demanded(claim: string | undefined, name: string): string {
  if (!claim) throw new InvalidToken(`${name} claim is missing`);
  return claim;
}

function isSame(kept: string | undefined, token: string): boolean {
  const [left, right] = [Buffer.from(kept ?? '', 'base64'), Buffer.from(token)];
  return left.length === right.length && timingSafeEqual(left, right);
}

function mustHaveAccount({ objects }: TokenWorld, key: string, uid: string): void {
  const account = objects.get(ServiceAccounts, key);
  const name = key.slice(key.indexOf('/') + 1);
  if (!account) throw new InvalidToken(`serviceaccounts ${JSON.stringify(name)} not found`);
  if (account.metadata.deletionTimestamp) throw new InvalidToken(`ServiceAccount ${key} has been deleted`);
  if (account.metadata.uid !== uid) {
    throw new InvalidToken(`ServiceAccount UID (${account.metadata.uid}) does not match claim (${uid})`);
  }
}

/** Once a day. */
function markAsUsed(secret: Secret, { objects, nowMs }: TokenWorld): void {
  const { metadata } = secret;
  const today = new Date(nowMs).toISOString().slice(0, 10);
  if (metadata.labels?.[LAST_USED] === today) return;
  const labels = { ...metadata.labels, [LAST_USED]: today };
  objects.replace(Secrets, `${metadata.namespace}/${metadata.name}`, { ...secret, metadata: { ...metadata, labels } });
}
