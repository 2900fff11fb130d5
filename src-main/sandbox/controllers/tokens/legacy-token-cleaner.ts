import { ConfigMaps, Pods, Secrets, ServiceAccounts } from '#common/kube/resources';
import type { Pod, Secret, ServiceAccount } from '#common/kube/types';
import type { ControllerCache } from '../runtime/controller-cache';
import { again, defineController, settled } from '../runtime/define-controller';
import { ignoreGone, refOf } from '../runtime/ownership';

const TRACKING = 'kube-system/kube-apiserver-legacy-service-account-token-tracking';
const TOKEN = 'kubernetes.io/service-account-token';
const ACCOUNT_NAME = 'kubernetes.io/service-account.name';
const ACCOUNT_UID = 'kubernetes.io/service-account.uid';
const LAST_USED = 'kubernetes.io/legacy-token-last-used';
const INVALID_SINCE = 'kubernetes.io/legacy-token-invalid-since';
const DAY_MS = 86_400_000;
/** --legacy-service-account-token-clean-up-period: 8760 hours. */
const UNUSED_MS = 365 * DAY_MS;

/** Takes away tokens that were made for accounts in earlier days and that nobody has used for a year: first their right, then them. */
export const legacyTokenCleaner = defineController({
  name: 'legacy-serviceaccount-token-cleaner',
  reconciles: Secrets,
  watches: [
    { resource: ServiceAccounts, keys: () => [] },
    { resource: Pods, keys: () => [] },
    { resource: ConfigMaps, keys: () => [] },
  ],

  async reconcile(key, { cache, client, clock, signal }) {
    const secret = cache.get(Secrets, key);
    if (secret?.type !== TOKEN || secret.metadata.deletionTimestamp) return settled;
    const nowMs = clock.now();
    const { step } = planToken(secret, { ...surroundings(secret, cache), nowMs });
    const { name, resourceVersion, uid } = secret.metadata;
    if (step === 'mark') {
      const labels = { [INVALID_SINCE]: dayOf(nowMs) };
      await ignoreGone(
        client.patch(Secrets, refOf(secret), { type: 'merge', patch: { metadata: { name, uid, labels } } }, { signal }),
      );
    } else if (step === 'remove') {
      await ignoreGone(client.remove(Secrets, refOf(secret), { preconditions: { resourceVersion }, signal }));
      return settled;
    }
    // Once a day, and only while there are such tokens.
    return step === 'never' ? settled : again(DAY_MS);
  },
});

export interface TokenFacts {
  account: ServiceAccount | undefined;
  /** `since` of the API server's ConfigMap. */
  trackedSince: string | undefined;
  isMounted: boolean;
  nowMs: number;
}

/** What to do with a token: `never` when it was made by hand, and is nobody's business. */
export function planToken(
  { metadata: { name, labels = {}, creationTimestamp } }: Secret,
  { account, trackedSince, isMounted, nowMs }: TokenFacts,
): { step: 'never' | 'keep' | 'mark' | 'remove' } {
  if (!account?.secrets?.some((reference) => reference.name === name)) return { step: 'never' };
  // The day on which it began was not a whole one.
  const trackedMs = Date.parse(trackedSince ?? '') + DAY_MS;
  const limit = dayOf(nowMs - UNUSED_MS);
  const lastUsed = labels[LAST_USED];
  const isYoung = Date.parse(creationTimestamp) >= nowMs - UNUSED_MS;
  const isUsed = lastUsed !== undefined && (!isDay(lastUsed) || lastUsed >= limit);
  if (!(nowMs >= trackedMs + UNUSED_MS) || isYoung || isUsed || isMounted) return { step: 'keep' };
  const invalidSince = labels[INVALID_SINCE] ?? '';
  if (!isDay(invalidSince)) return { step: 'mark' };
  return { step: invalidSince >= limit ? 'keep' : 'remove' };
}

const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
const isDay = (text: string): boolean => /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text));

function surroundings({ metadata }: Secret, cache: ControllerCache): Omit<TokenFacts, 'nowMs'> {
  const { namespace, name, annotations = {} } = metadata;
  const account = cache.get(ServiceAccounts, `${namespace}/${annotations[ACCOUNT_NAME] ?? ''}`);
  const uid = annotations[ACCOUNT_UID];
  return {
    account: uid && uid !== account?.metadata.uid ? undefined : account,
    trackedSince: cache.get(ConfigMaps, TRACKING)?.data?.['since'],
    isMounted: cache.inNamespace(Pods, namespace).some((pod) => secretNames(pod).includes(name)),
  };
}

/** Every Secret that a Pod names. */
function secretNames({ spec }: Pod): string[] {
  const containers = [...(spec.initContainers ?? []), ...spec.containers];
  const ofContainers = containers.flatMap(({ env = [], envFrom = [] }) => [
    ...envFrom.flatMap(({ secretRef }) => secretRef?.name ?? []),
    ...env.flatMap(({ valueFrom }) => valueFrom?.secretKeyRef?.name ?? []),
  ]);
  const ofVolumes = (spec.volumes ?? []).flatMap(({ secret, projected }) => [
    secret?.secretName ?? [],
    ...(projected?.sources ?? []).map((source) => source.secret?.name ?? []),
  ]);
  return [...(spec.imagePullSecrets ?? []).map(({ name = '' }) => name), ...ofContainers, ...ofVolumes.flat()];
}
