import { formatTime } from '#common/base/clock';
import { IPAddresses, ServiceCIDRs } from '#common/kube/resources';
import type { Condition, IPAddress, ServiceCIDR } from '#common/kube/types';
import type { ControllerCache } from '../runtime/controller-cache';
import { again, defineController, settled, watched, type ReconcileContext } from '../runtime/define-controller';
import { ignoreGone, refOf } from '../runtime/ownership';
import { addressNumber, blockOf, contains, type AddressBlock } from './address-blocks';
import { MANAGED_BY, MANAGER } from './ip-addresses';

const FINALIZER = 'networking.k8s.io/service-cidr-finalizer';
/** After this long no allocator hands out addresses of a range on its way out (deletionGracePeriod). */
const GRACE_MS = 10_000;

/** Says that ranges of Services can be used, and holds those back that addresses still come from. */
export const serviceCidrController = defineController({
  name: 'service-cidr',
  reconciles: ServiceCIDRs,
  watches: [
    watched(IPAddresses, (_address, cache) => leaving(cache)),
    watched(ServiceCIDRs, (_cidr, cache) => leaving(cache)),
  ],

  async reconcile(key, context) {
    const { cache, client, clock, signal } = context;
    const cidr = cache.get(ServiceCIDRs, key);
    if (!cidr) return settled;
    const { finalizers = [], deletionTimestamp } = cidr.metadata;
    if (!deletionTimestamp) {
      if (!finalizers.includes(FINALIZER)) await setFinalizers(cidr, [...finalizers, FINALIZER], context);
      await tell(cidr, { status: 'True', reason: '', message: 'Kubernetes Service CIDR is ready' }, context);
      return settled;
    }
    if (!finalizers.includes(FINALIZER)) return settled;
    if (isNeeded(cidr, [...cache.values(ServiceCIDRs)], cache.values(IPAddresses))) {
      const message =
        'There are still IPAddresses referencing the ServiceCIDR, please remove them or create a new ServiceCIDR';
      await tell(cidr, { status: 'False', reason: 'Terminating', message }, context);
      return settled;
    }
    const leftMs = Date.parse(deletionTimestamp) + GRACE_MS - clock.now();
    if (leftMs > 0) return again(leftMs);
    const others = finalizers.filter((name) => name !== FINALIZER);
    const patch = { metadata: { uid: cidr.metadata.uid, finalizers: others } };
    await ignoreGone(client.patch(ServiceCIDRs, refOf(cidr), { type: 'merge', patch }, { signal }));
    return settled;
  },
});

/** What may be let go when another range comes or an address goes. */
function leaving(cache: ControllerCache): string[] {
  return [...cache.values(ServiceCIDRs)]
    .filter(({ metadata }) => metadata.deletionTimestamp)
    .map(({ metadata }) => metadata.name);
}

const blocksOf = ({ spec }: ServiceCIDR): AddressBlock[] => (spec.cidrs ?? []).flatMap((text) => blockOf(text) ?? []);

/** True when addresses of Services would be left without any range. */
export function isNeeded(cidr: ServiceCIDR, all: readonly ServiceCIDR[], addresses: Iterable<IPAddress>): boolean {
  const own = blocksOf(cidr);
  const others = all.filter(({ metadata }) => metadata.name !== cidr.metadata.name).flatMap(blocksOf);
  const isCovered = (block: AddressBlock) => others.some((other) => contains(other, block));
  if (own.every(isCovered)) return false;
  for (const { metadata } of addresses) {
    const number = metadata.labels?.[MANAGED_BY] === MANAGER ? addressNumber(metadata.name) : undefined;
    if (number === undefined) continue;
    const single = { first: number, last: number };
    if (own.some((block) => contains(block, single)) && !isCovered(single)) return true;
  }
  return false;
}

async function setFinalizers(
  cidr: ServiceCIDR,
  finalizers: readonly string[],
  { client, signal }: ReconcileContext,
): Promise<void> {
  const patch = { metadata: { uid: cidr.metadata.uid, finalizers } };
  await client.patch(ServiceCIDRs, refOf(cidr), { type: 'merge', patch }, { signal });
}

async function tell(
  cidr: ServiceCIDR,
  next: Pick<Condition, 'status' | 'reason' | 'message'>,
  { client, clock, signal }: ReconcileContext,
): Promise<void> {
  const known = cidr.status?.conditions?.find(({ type }) => type === 'Ready');
  const { status, reason, message } = next;
  if (known?.status === status && known.reason === reason && known.message === message) return;
  const condition = { type: 'Ready', ...next, lastTransitionTime: formatTime(clock.now()) };
  const object = {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'ServiceCIDR',
    metadata: { name: cidr.metadata.name },
    status: { conditions: [condition] },
  };
  const options = { subresource: 'status', fieldManager: 'service-cidr-controller', signal };
  await ignoreGone(client.patch(ServiceCIDRs, refOf(cidr), { type: 'apply', object, force: true }, options));
}
