/** What an object uses of a quota, by the names that quotas have for it. */
import type { AnyObject } from '#common/kube/object';
import type { PersistentVolumeClaim, Pod, PodSpec, Service } from '#common/kube/types';
import { plus, podAmounts, type Amounts } from './pod-amounts';

/** Kinds of the core group whose plain names quotas know from before there was `count/…`. */
const PLAIN = new Set([
  'configmaps',
  'persistentvolumeclaims',
  'pods',
  'replicationcontrollers',
  'resourcequotas',
  'secrets',
  'services',
]);

/** `resource` is `pods` or `deployments.apps`; `nowMs` tells which Pods should have gone already. */
export function usageOf(resource: string, object: AnyObject, nowMs: number): Amounts {
  const counted: Amounts = { [`count/${resource}`]: '1', ...(PLAIN.has(resource) ? { [resource]: '1' } : {}) };
  switch (resource) {
    case 'pods':
      return podUsage(counted, object as unknown as Pod, nowMs);
    case 'services':
      return plus(counted, serviceUsage(object as unknown as Service));
    case 'persistentvolumeclaims':
      return plus(counted, claimUsage(object as unknown as PersistentVolumeClaim));
    default:
      return counted;
  }
}

const COMPUTED = ['cpu', 'memory', 'ephemeral-storage'];

/** A Pod that has ended, or should have gone long ago, still is an object, and uses nothing else. */
function podUsage(counted: Amounts, pod: Pod, nowMs: number): Amounts {
  const { spec, status } = pod;
  if (status?.phase === 'Succeeded' || status?.phase === 'Failed' || !(nowMs <= usesUntil(pod))) {
    return { 'count/pods': '1' };
  }
  const { requests, limits } = podAmounts(spec);
  const usage = { ...counted };
  for (const [name, amount] of Object.entries(requests)) {
    if (COMPUTED.includes(name) || name.startsWith('hugepages-')) usage[name] = amount;
    usage[`requests.${name}`] = amount;
  }
  for (const [name, amount] of Object.entries(limits)) if (COMPUTED.includes(name)) usage[`limits.${name}`] = amount;
  return usage;
}

/** When a Pod that is on its way out stops to count even if no kubelet tells that it has gone; Infinity for others. */
export function usesUntil({ metadata }: Pod): number {
  const { deletionTimestamp, deletionGracePeriodSeconds } = metadata;
  if (!deletionTimestamp || deletionGracePeriodSeconds === undefined) return Number.POSITIVE_INFINITY;
  return Date.parse(deletionTimestamp) + deletionGracePeriodSeconds * 1000;
}

function serviceUsage({ spec }: Service): Amounts {
  const ports = spec.ports ?? [];
  if (spec.type === 'NodePort') return { 'services.nodeports': String(ports.length) };
  if (spec.type !== 'LoadBalancer') return {};
  const withNodePorts = spec.allocateLoadBalancerNodePorts === false ? ports.filter(({ nodePort }) => nodePort) : ports;
  return { 'services.loadbalancers': '1', 'services.nodeports': String(withNodePorts.length) };
}

function claimUsage({ spec }: PersistentVolumeClaim): Amounts {
  const size = spec.resources?.requests?.['storage'];
  const usage: Amounts = size ? { 'requests.storage': size } : {};
  if (!spec.storageClassName) return usage;
  const prefix = `${spec.storageClassName}.storageclass.storage.k8s.io`;
  usage[`${prefix}/persistentvolumeclaims`] = '1';
  if (size) usage[`${prefix}/requests.storage`] = size;
  return usage;
}

const DEMANDED = ['cpu', 'memory', 'requests.cpu', 'requests.memory', 'limits.cpu', 'limits.memory'];

/** What containers must say under a quota and do not: `limits.cpu for: web; memory for: web`. Empty when all is said. */
export function unsaid(hard: Amounts, spec: PodSpec): string {
  // Who says it for the Pod as a whole need not say it for each container.
  if (hasAny(spec.resources?.requests) || hasAny(spec.resources?.limits)) return '';
  const names = DEMANDED.filter((name) => name in hard).sort();
  const containers = [...spec.containers, ...(spec.initContainers ?? [])];
  const parts = names.map((name) => {
    const [side, resource] = name.includes('.') ? name.split('.') : ['requests', name];
    const silent = containers.filter(
      ({ resources }) => resources?.[side as 'requests' | 'limits']?.[resource ?? ''] === undefined,
    );
    const list = silent.map((container) => container.name).sort();
    return list.length > 0 ? `${name} for: ${list.join(',')}` : '';
  });
  return parts.filter(Boolean).join('; ');
}

const hasAny = (amounts: Amounts = {}): boolean => Object.keys(amounts).length > 0;
