/** In whose name controllers act: the service accounts in kube-system that the release's own roles are bound to. */

import { ServiceAccounts } from '#common/kube/resources';
import { isAlreadyExists } from '#common/kube/status-error';
import type { KubeClient } from '#main/client/client';

export const GARBAGE_COLLECTOR = 'garbage-collector';

/** Where it is not called like the controller. */
const ACCOUNTS: Readonly<Record<string, string>> = {
  'bootstrap-signer': 'bootstrap-signer',
  csrapproving: 'certificate-controller',
  csrcleaner: 'certificate-controller',
  csrsigning: 'certificate-controller',
  daemonset: 'daemon-set-controller',
  'endpoint-slice': 'endpointslice-controller',
  'endpoint-slice-mirroring': 'endpointslicemirroring-controller',
  [GARBAGE_COLLECTOR]: 'generic-garbage-collector',
  'horizontal-pod-autoscaler': 'horizontal-pod-autoscaler',
  'node-ipam': 'node-controller',
  'node-lifecycle': 'node-controller',
  'persistentvolume-binder': 'persistent-volume-binder',
  'persistentvolume-claim-binder': 'persistent-volume-binder',
  'persistentvolume-protection': 'pv-protection-controller',
  'persistentvolumeclaim-protection': 'pvc-protection-controller',
  'pod-garbage-collector': 'pod-garbage-collector',
  'legacy-serviceaccount-token-cleaner': 'legacy-service-account-token-cleaner',
  'resource-claim-consumers': 'resource-claim-controller',
  'root-ca-certificate-publisher': 'root-ca-cert-publisher',
  'service-cidr': 'service-cidrs-controller',
  'service-lb': 'service-controller',
  'stale-pod-disruption': 'disruption-controller',
  'taint-eviction': 'node-controller',
  'token-cleaner': 'token-cleaner',
  'volume-expand': 'expand-controller',
};

/** Storage drivers are no part of the release: it has no roles for their provisioners, attachers and resizers. */
const OF_DRIVERS = /^(?:attacher|attached volumes|provisioner|deleter|resizer) /;

/** `account` in kube-system, kube-controller-manager itself, or whoever runs the cluster. */
export type ActsAs = { account: string } | 'manager' | 'operator';

export function actsAs(controller: string): ActsAs {
  if (controller === 'serviceaccount-token') return 'manager';
  // The API server's own: it looks after what it has allocated.
  if (controller === 'ip-address' || OF_DRIVERS.test(controller)) return 'operator';
  return { account: ACCOUNTS[controller] ?? `${controller}-controller` };
}

/** The accounts that these controllers act as, which the manager makes when they are missing. */
export async function makeAccounts(
  client: KubeClient,
  controllers: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const accounts = new Set(controllers.map(actsAs).flatMap((one) => (typeof one === 'object' ? [one.account] : [])));
  await Promise.all([...accounts].map((name) => makeAccount(client, name, signal)));
}

async function makeAccount(client: KubeClient, name: string, signal: AbortSignal): Promise<void> {
  try {
    await client.create(ServiceAccounts, { metadata: { name, namespace: 'kube-system' } }, { signal });
  } catch (failure) {
    if (!isAlreadyExists(failure)) throw failure;
  }
}
