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

/** `resource` is `pods` or `deployments.apps`. */
export function usageOf(resource: string, object: AnyObject): Amounts {
  const counted: Amounts = { [`count/${resource}`]: '1', ...(PLAIN.has(resource) ? { [resource]: '1' } : {}) };
  switch (resource) {
    case 'pods':
      return podUsage(counted, object as unknown as Pod);
    case 'services':
      return plus(counted, serviceUsage(object as unknown as Service));
    case 'persistentvolumeclaims':
      return plus(counted, claimUsage(object as unknown as PersistentVolumeClaim));
    default:
      return counted;
  }
}

const COMPUTED = ['cpu', 'memory', 'ephemeral-storage'];

/** A Pod that has ended still is an object, and uses nothing else. */
function podUsage(counted: Amounts, { spec, status }: Pod): Amounts {
  if (status?.phase === 'Succeeded' || status?.phase === 'Failed') return { 'count/pods': '1' };
  const { requests, limits } = podAmounts(spec);
  const usage = { ...counted };
  for (const [name, amount] of Object.entries(requests)) {
    if (COMPUTED.includes(name)) usage[name] = amount;
    usage[`requests.${name}`] = amount;
  }
  for (const [name, amount] of Object.entries(limits)) if (COMPUTED.includes(name)) usage[`limits.${name}`] = amount;
  return usage;
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
  const names = DEMANDED.filter((name) => name in hard).sort();
  const containers = [...spec.containers, ...(spec.initContainers ?? [])];
  const parts = names.map((name) => {
    const [side, resource] = name.includes('.') ? name.split('.') : ['requests', name];
    const atPod = spec.resources?.[side as 'requests']?.[resource ?? ''];
    const silent = containers.filter(
      ({ resources }) => (resources?.[side as 'requests' | 'limits']?.[resource ?? ''] ?? atPod) === undefined,
    );
    const list = silent.map((container) => container.name).sort();
    return list.length > 0 ? `${name} for: ${list.join(',')}` : '';
  });
  return parts.filter(Boolean).join('; ');
}
