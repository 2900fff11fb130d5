import { keyOf } from '#common/kube/object';
import { IPAddresses, Services } from '#common/kube/resources';
import type { IPAddress, Service } from '#common/kube/types';
import { isAlreadyExists } from '#common/kube/status-error';
import {
  defineController,
  settled,
  watched,
  type Controller,
  type ReconcileContext,
} from '../runtime/define-controller';
import { ignoreGone } from '../runtime/ownership';

export const MANAGED_BY = 'ipaddress.kubernetes.io/managed-by';
export const MANAGER = 'ipallocator.k8s.io';
const FAMILY = 'ipaddress.kubernetes.io/ip-family';

/** Keeps one IPAddress per cluster IP: who asks which Service has an address looks there. */
export function ipAddressController(): Controller {
  /** The addresses that each Service had when it was last looked at. */
  const held = new Map<string, readonly string[]>();
  return defineController({
    name: 'ip-address',
    component: 'ipallocator-repair-controller',
    reconciles: Services,
    watches: [watched(IPAddresses, (address) => serviceKey(address))],

    async reconcile(key, context) {
      const service = context.cache.get(Services, key);
      const wanted = service ? clusterIps(service) : [];
      for (const ip of wanted) await ensure(ip, service, context);
      for (const ip of held.get(key) ?? namedFor(key, context))
        if (!wanted.includes(ip)) await giveBack(ip, key, context);
      if (service) held.set(key, wanted);
      else held.delete(key);
      return settled;
    },
  });
}

const clusterIps = ({ spec }: Service): string[] =>
  (spec.clusterIPs ?? (spec.clusterIP ? [spec.clusterIP] : [])).filter((ip) => ip !== 'None' && ip !== '');

function serviceKey({ metadata, spec }: IPAddress): string[] {
  const { resource, namespace, name } = spec.parentRef;
  return metadata.labels?.[MANAGED_BY] === MANAGER && resource === 'services' ? [`${namespace}/${name}`] : [];
}

/** After a restart: the addresses that are noted for a Service. */
function namedFor(key: string, { cache }: ReconcileContext): string[] {
  return [...cache.values(IPAddresses)]
    .filter((one) => serviceKey(one).includes(key))
    .map(({ metadata }) => metadata.name);
}

async function ensure(ip: string, service: Service | undefined, { cache, client, signal }: ReconcileContext) {
  const known = cache.get(IPAddresses, ip);
  if (!service || (known && serviceKey(known).includes(keyOf(service)))) return;
  const { name, namespace } = service.metadata;
  const labels = { [FAMILY]: ip.includes(':') ? 'IPv6' : 'IPv4', [MANAGED_BY]: MANAGER };
  const parentRef = { resource: 'services', name, ...(namespace ? { namespace } : {}) };
  try {
    if (known) await ignoreGone(client.remove(IPAddresses, { name: ip }, { signal }));
    await client.create(IPAddresses, { metadata: { name: ip, labels }, spec: { parentRef } }, { signal });
  } catch (failure) {
    if (!isAlreadyExists(failure)) throw failure;
  }
}

async function giveBack(ip: string, key: string, { cache, client, signal }: ReconcileContext): Promise<void> {
  const known = cache.get(IPAddresses, ip);
  // Another Service may have it by now.
  if (known && serviceKey(known).includes(key)) await ignoreGone(client.remove(IPAddresses, { name: ip }, { signal }));
}
