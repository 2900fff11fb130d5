/** Fills Secrets of type kubernetes.io/service-account-token, and removes those of accounts that are gone. */
import { createPrivateKey, type KeyObject } from 'node:crypto';
import { Secrets, ServiceAccounts } from '#common/kube/resources';
import type { Secret, ServiceAccount } from '#common/kube/types';
import { signJwt } from '#main/base/jwt';
import type { ClusterKeys } from '../access-controllers';
import { defineController, namedIndex, settled, watched, type Controller } from '../runtime/define-controller';
import { ignoreGone, refOf } from '../runtime/ownership';

const TYPE = 'kubernetes.io/service-account-token';
const NAME = 'kubernetes.io/service-account.name';
const UID = 'kubernetes.io/service-account.uid';
const ISSUER = 'kubernetes/serviceaccount';
const BY_ACCOUNT = 'controllers/token-account';

export function accountSecretController({ authority, tokenKey }: ClusterKeys): Controller {
  const key = createPrivateKey(tokenKey);
  return defineController({
    name: 'serviceaccount-token',
    reconciles: Secrets,
    indexes: [namedIndex(Secrets, BY_ACCOUNT, (secret) => (accountKey(secret) ? [accountKey(secret)] : []))],
    watches: [
      watched(ServiceAccounts, ({ metadata }, cache) =>
        cache
          .indexed(Secrets, BY_ACCOUNT, `${metadata.namespace}/${metadata.name}`)
          .map((secret) => `${secret.metadata.namespace}/${secret.metadata.name}`),
      ),
    ],

    async reconcile(secretKey, { cache, client, signal }) {
      const secret = cache.get(Secrets, secretKey);
      const wanted = secret && accountKey(secret);
      if (!secret || !wanted || secret.metadata.deletionTimestamp) return settled;
      const plan = planSecret(secret, cache.get(ServiceAccounts, wanted), { caPem: authority.certificate, key });
      if (plan === 'remove') {
        const preconditions = { uid: secret.metadata.uid };
        await ignoreGone(client.remove(Secrets, refOf(secret), { preconditions, signal }));
      } else if (plan) await client.update(Secrets, plan, { signal });
      return settled;
    },
  });
}

/** The account that a token Secret belongs to, as a key; empty for other Secrets. */
function accountKey({ metadata, type }: Secret): string {
  const name = metadata.annotations?.[NAME];
  return type === TYPE && name ? `${metadata.namespace}/${name}` : '';
}

export interface TokenParts {
  caPem: string;
  key: KeyObject;
}

/** The Secret as it should be, `remove` when nobody is left to use it, undefined when nothing is missing. */
export function planSecret(
  secret: Secret,
  account: ServiceAccount | undefined,
  { caPem, key }: TokenParts,
): Secret | 'remove' | undefined {
  const { metadata, data = {} } = secret;
  const uid = metadata.annotations?.[UID];
  if (!account || (uid && uid !== account.metadata.uid)) return 'remove';
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  const ca = base64(caPem);
  if (data['ca.crt'] === ca && data['namespace'] && data['token']) return undefined;
  return {
    ...secret,
    metadata: {
      ...metadata,
      annotations: { ...metadata.annotations, [NAME]: account.metadata.name, [UID]: account.metadata.uid },
    },
    data: {
      ...data,
      'ca.crt': ca,
      namespace: data['namespace'] ?? base64(metadata.namespace ?? ''),
      token: data['token'] ?? base64(tokenFor(secret, account, key)),
    },
  };
}

/** Without an end: it is good as long as its Secret is there. */
function tokenFor({ metadata }: Secret, account: ServiceAccount, key: KeyObject): string {
  const { name, namespace, uid } = account.metadata;
  const claims = {
    iss: ISSUER,
    'kubernetes.io/serviceaccount/namespace': namespace,
    'kubernetes.io/serviceaccount/secret.name': metadata.name,
    'kubernetes.io/serviceaccount/service-account.name': name,
    'kubernetes.io/serviceaccount/service-account.uid': uid,
    sub: `system:serviceaccount:${namespace}:${name}`,
  };
  return signJwt(claims, key);
}
