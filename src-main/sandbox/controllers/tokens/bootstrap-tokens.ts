/** Bootstrap tokens: those that are over are removed, those that may sign put their signature under `cluster-info`. */
import { createHmac } from 'node:crypto';
import { ConfigMaps, Secrets } from '#common/kube/resources';
import type { ConfigMap, Secret } from '#common/kube/types';
import { again, defineController, settled, watched } from '../runtime/define-controller';
import { ignoreGone, refOf } from '../runtime/ownership';

const TYPE = 'bootstrap.kubernetes.io/token';
const HOME = 'kube-system';
const NAME_PREFIX = 'bootstrap-token-';
const CLUSTER_INFO = 'kube-public/cluster-info';
const SIGNATURE = 'jws-kubeconfig-';

export const tokenCleaner = defineController({
  name: 'token-cleaner',
  reconciles: Secrets,

  async reconcile(key, { cache, client, clock, signal }) {
    const secret = cache.get(Secrets, key);
    const endMs = secret && isBootstrapToken(secret) ? endOf(secret) : undefined;
    if (!secret || endMs === undefined) return settled;
    const leftMs = endMs - clock.now();
    if (leftMs > 0) return again(leftMs);
    const preconditions = { uid: secret.metadata.uid };
    await ignoreGone(client.remove(Secrets, refOf(secret), { preconditions, signal }));
    return settled;
  },
});

export const bootstrapSigner = defineController({
  name: 'bootstrap-signer',
  reconciles: ConfigMaps,
  watches: [watched(Secrets, (secret) => (isBootstrapToken(secret) ? [CLUSTER_INFO] : []))],

  async reconcile(key, { cache, client, clock, signal }) {
    const info = key === CLUSTER_INFO ? cache.get(ConfigMaps, key) : undefined;
    if (!info) return settled;
    const next = signedInfo(info, cache.inNamespace(Secrets, HOME), clock.now());
    if (next) await client.update(ConfigMaps, next, { signal });
    return settled;
  },
});

function isBootstrapToken({ type, metadata }: Secret): boolean {
  return type === TYPE && metadata.namespace === HOME;
}

const valueOf = ({ data }: Secret, key: string): string => Buffer.from(data?.[key] ?? '', 'base64').toString('utf8');

/** Epoch milliseconds; a time that cannot be read is over, none never is. */
export function endOf(secret: Secret): number | undefined {
  const expiration = valueOf(secret, 'expiration');
  if (expiration === '') return undefined;
  const at = Date.parse(expiration);
  return Number.isNaN(at) ? 0 : at;
}

/** The map with the signatures of all tokens that may sign; undefined where they stand there already. */
export function signedInfo(info: ConfigMap, secrets: readonly Secret[], nowMs: number): ConfigMap | undefined {
  const content = info.data?.['kubeconfig'];
  if (content === undefined) return undefined;
  const signatures = Object.fromEntries(
    secrets.flatMap((secret) => {
      const token = signingToken(secret, nowMs);
      return token ? [[`${SIGNATURE}${token.id}`, detachedSignature(content, token)]] : [];
    }),
  );
  const plain = Object.entries(info.data ?? {}).filter(([key]) => !key.startsWith(SIGNATURE));
  const data = { ...Object.fromEntries(plain), ...signatures };
  const isSame =
    Object.keys(data).length === Object.keys(info.data ?? {}).length &&
    Object.entries(data).every(([key, value]) => info.data?.[key] === value);
  return isSame ? undefined : { ...info, data };
}

interface Token {
  id: string;
  secret: string;
}

function signingToken(secret: Secret, nowMs: number): Token | undefined {
  const [id, word] = [valueOf(secret, 'token-id'), valueOf(secret, 'token-secret')];
  const isNamed = secret.metadata.name === `${NAME_PREFIX}${id}`;
  const signs = valueOf(secret, 'usage-bootstrap-signing') === 'true';
  const end = endOf(secret);
  const isGood = isBootstrapToken(secret) && isNamed && signs && word !== '' && (end === undefined || end > nowMs);
  return isGood ? { id, secret: word } : undefined;
}

/** A JWS without its content: who knows the token can tell that the content is the cluster's. */
export function detachedSignature(content: string, { id, secret }: Token): string {
  const header = Buffer.from(JSON.stringify({ alg: 'HS256', kid: id })).toString('base64url');
  const payload = Buffer.from(content).toString('base64url');
  const signature = createHmac('sha256', secret).update(`${header}.${payload}`).digest('base64url');
  return `${header}..${signature}`;
}
