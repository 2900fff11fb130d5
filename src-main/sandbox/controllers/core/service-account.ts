import { ConfigMaps, Namespaces, ServiceAccounts } from '#common/kube/resources';
import type { Namespace } from '#common/kube/types';
import { isAlreadyExists } from '#common/kube/status-error';
import { defineController, settled, watched, type Controller } from '../runtime/define-controller';

const DEFAULT_ACCOUNT = 'default';
const ROOT_CA = 'kube-root-ca.crt';

const isActive = (namespace: Namespace | undefined): boolean =>
  namespace !== undefined && !namespace.metadata.deletionTimestamp && namespace.status?.phase !== 'Terminating';

/** Every namespace has an account for Pods that name none. */
export const serviceAccountController = defineController({
  name: 'service-account',
  reconciles: Namespaces,
  watches: [watched(ServiceAccounts, ({ metadata }) => namespaceIfNamed(metadata, DEFAULT_ACCOUNT))],

  async reconcile(key, { cache, client, signal }) {
    if (!isActive(cache.get(Namespaces, key)) || cache.get(ServiceAccounts, `${key}/${DEFAULT_ACCOUNT}`))
      return settled;
    const metadata = { name: DEFAULT_ACCOUNT, namespace: key };
    await unlessThere(client.create(ServiceAccounts, { metadata }, { signal }));
    return settled;
  },
});

/** Every namespace has the certificate with which Pods recognize the API server. */
export function rootCaController(caPem: string): Controller {
  const data = { 'ca.crt': caPem };
  const annotations = {
    'kubernetes.io/description':
      'Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.',
  };
  return defineController({
    name: 'root-ca-certificate-publisher',
    reconciles: Namespaces,
    watches: [watched(ConfigMaps, ({ metadata }) => namespaceIfNamed(metadata, ROOT_CA))],

    async reconcile(key, { cache, client, signal }) {
      if (!isActive(cache.get(Namespaces, key))) return settled;
      const current = cache.get(ConfigMaps, `${key}/${ROOT_CA}`);
      const metadata = { name: ROOT_CA, namespace: key, annotations };
      if (!current) await unlessThere(client.create(ConfigMaps, { metadata, data }, { signal }));
      else if (current.data?.['ca.crt'] !== caPem) await client.update(ConfigMaps, { ...current, data }, { signal });
      return settled;
    },
  });
}

function namespaceIfNamed({ name, namespace }: { name: string; namespace?: string }, wanted: string): string[] {
  return name === wanted && namespace ? [namespace] : [];
}

async function unlessThere(work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (failure) {
    if (!isAlreadyExists(failure)) throw failure;
  }
}
