import { isRenewedContinuously, NODE_LEASE_NAMESPACE, nodeLease } from '#common/kinds/node-lease';
import { Leases } from '#common/kube/resources';
import { isAlreadyExists } from '#common/kube/status-error';
import type { Node } from '#common/kube/types';
import type { Clock } from '#common/base/clock';
import type { KubeClient } from '#main/client/client';

interface LeaseDeps {
  client: KubeClient;
  clock: Clock;
  signal: AbortSignal;
}

/** Tells that the kubelet of a Node lives, once: its lease counts as renewed from now on. */
export async function keepLease(node: Node, { client, clock, signal }: LeaseDeps): Promise<void> {
  const lease = nodeLease(node, clock.now(), 'continuously');
  try {
    await client.create(Leases, lease, { signal });
  } catch (failure) {
    if (!isAlreadyExists(failure)) throw failure;
    const { metadata, spec } = lease;
    const ref = { name: metadata.name, namespace: NODE_LEASE_NAMESPACE };
    if (isRenewedContinuously(await client.get(Leases, ref, { signal }))) return;
    const patch = { metadata: { annotations: metadata.annotations }, spec };
    await client.patch(Leases, ref, { type: 'merge', patch }, { signal });
  }
}

/** Tells that the kubelet of a Node lives no longer: this was the last time that it renewed its lease. */
export async function dropLease(node: Node, { client, clock, signal }: LeaseDeps): Promise<void> {
  const { metadata, spec } = nodeLease(node, clock.now(), 'no longer');
  const patch = { metadata: { annotations: null }, spec };
  const ref = { name: metadata.name, namespace: NODE_LEASE_NAMESPACE };
  await client.patch(Leases, ref, { type: 'merge', patch }, { signal });
}
