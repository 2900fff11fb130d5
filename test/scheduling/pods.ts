import type {
  Affinity,
  Container,
  NodeSelectorTerm,
  Pod,
  PodAffinityTerm,
  PodSpec,
  Toleration,
  TopologySpreadConstraint,
} from '#common/kube/types';
import type { Draft } from '#main/client/client';
import { requestsOf } from '#main/sandbox/scheduler/resources';
import { IMAGES, TAINTS, ZONES, type CaseGround, type Theme } from './cases';
import type { Draws } from './draws';

export const NAMESPACES = ['team-a', 'team-b'];
export const APPS = ['web', 'db', 'cache'];
/** Names and values of the priority classes of every case. */
export const PRIORITIES = { low: -10, mid: 100, high: 1000 } as const;
const PROFILES = ['default-scheduler', 'packing', 'shaped', 'kind'];
const TOPOLOGY_KEYS = ['kubernetes.io/hostname', 'topology.kubernetes.io/zone', 'disk'];

export function placedPod(name: string, nodeName: string, { draws, theme }: CaseGround): Draft<Pod> {
  const isCrowded = theme === 'preemption';
  const affinity = draws.maybe(theme === 'together' ? 0.4 : 0.1, () => podAffinityOf(draws));
  return podOf(name, draws, {
    nodeName,
    containers: containersOf(draws, { hostPorts: theme === 'ports' ? 0.6 : 0.05, large: isCrowded }),
    ...(affinity ? { affinity } : {}),
    ...(draws.chance(isCrowded ? 0.8 : 0.2) ? { priorityClassName: draws.one(['low', 'low', 'mid']) } : {}),
  });
}

export function pendingPod(name: string, { draws, theme, nodeNames }: CaseGround): Draft<Pod> {
  const likes = (about: Theme, otherwise: number): boolean =>
    draws.chance(theme === about ? 0.75 : theme === 'mixed' ? 0.35 : otherwise);
  const spec: PodSpec = {
    containers: containersOf(draws, { hostPorts: likes('ports', 0.03) ? 0.8 : 0, large: theme === 'preemption' }),
  };
  const affinity: Affinity = {
    ...(likes('selection', 0.1) ? { nodeAffinity: nodeAffinityOf(draws, nodeNames) } : {}),
    ...(likes('together', 0.07) ? podAffinityOf(draws) : {}),
  };
  if (Object.keys(affinity).length > 0) spec.affinity = affinity;
  if (draws.chance(theme === 'selection' ? 0.3 : 0.04)) spec.nodeSelector = { disk: draws.one(['ssd', 'hdd']) };
  const tolerations = tolerationsOf(draws);
  if (tolerations.length > 0) spec.tolerations = tolerations;
  if (likes('spread', 0.05)) spec.topologySpreadConstraints = spreadOf(draws);
  if (likes('preemption', 0.1)) spec.priorityClassName = draws.one(['mid', 'mid', 'high', 'high', 'high', 'never']);
  if (draws.chance(0.2)) spec.initContainers = initContainersOf(draws);
  if (draws.chance(0.08)) spec.resources = { requests: together(spec, draws) };
  const profile = draws.chance(0.3) ? draws.one(PROFILES) : 'default-scheduler';
  return podOf(name, draws, { ...spec, schedulerName: profile });
}

/** What a Pod asks for as a whole must be at least what its containers do. */
function together(spec: PodSpec, draws: Draws): Record<string, string> {
  const { cpu = 0, memory = 0 } = requestsOf({ apiVersion: 'v1', kind: 'Pod', metadata: {} as never, spec });
  return {
    cpu: `${cpu + draws.one([0, 200, 900])}m`,
    ...(draws.chance(0.6) ? { memory: String(memory + draws.one([2 ** 20, 2 ** 29])) } : {}),
  };
}

function podOf(name: string, draws: Draws, spec: PodSpec): Draft<Pod> {
  const labels = { app: draws.one(APPS), ...(draws.chance(0.5) ? { team: draws.one(['one', 'two']) } : {}) };
  return { metadata: { name, namespace: draws.one(NAMESPACES), labels }, spec };
}

interface ContainerTastes {
  /** How often a port of the node is asked for. */
  hostPorts?: number;
  large?: boolean;
}

export function containersOf(draws: Draws, { hostPorts = 0, large = false }: ContainerTastes = {}): Container[] {
  return Array.from({ length: draws.int(1, 2) }, (_one, at): Container => {
    const requests = amountsOf(draws, large);
    const ports = draws.maybe(hostPorts, () => [
      {
        containerPort: 80 + at,
        hostPort: at === 0 ? draws.one([8080, 8081, 9000]) : draws.one([7070, 9001]),
        protocol: draws.one(['TCP', 'TCP', 'UDP']),
        ...(draws.chance(0.3) ? { hostIP: draws.one(['10.0.0.1', '10.0.0.2']) } : {}),
      },
    ]);
    return {
      name: `c${at}`,
      image: draws.one(IMAGES),
      ...(requests ? { resources: { requests, limits: limitsFor(requests) } } : {}),
      ...(ports ? { ports } : {}),
    };
  });
}

function amountsOf(draws: Draws, large: boolean): Record<string, string> | undefined {
  if (draws.chance(large ? 0.05 : 0.25)) return undefined;
  return {
    ...(draws.chance(0.9)
      ? { cpu: draws.one(large ? ['500m', '900m', '1', '1500m', '2'] : ['50m', '130m', '500m', '1', '3']) }
      : {}),
    ...(draws.chance(0.7) ? { memory: draws.one(['64Mi', '200Mi', '500M', '1Gi', large ? '1500Mi' : '3Gi']) } : {}),
    ...(draws.chance(0.1) ? { 'ephemeral-storage': draws.one(['1Gi', '12Gi']) } : {}),
    ...(draws.chance(0.08) ? { 'example.com/gpu': String(draws.int(1, 3)) } : {}),
    ...(draws.chance(0.04) ? { 'hugepages-2Mi': '32Mi', cpu: '100m' } : {}),
    ...(draws.chance(0.03) ? { 'example.com/foo': '1' } : {}),
  };
}

/** Extended resources and huge pages want a limit that is the same. */
function limitsFor(requests: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(requests).filter(([name]) => name.includes('/') || name.startsWith('huge')));
}

function initContainersOf(draws: Draws): Container[] {
  return Array.from({ length: draws.int(1, 2) }, (_one, at) => ({
    name: `i${at}`,
    image: draws.one(IMAGES),
    resources: { requests: { cpu: draws.one(['100m', '1', '2']), memory: draws.one(['100Mi', '1Gi']) } },
    ...(draws.chance(0.5) ? { restartPolicy: 'Always' } : {}),
  }));
}

function tolerationsOf(draws: Draws): Toleration[] {
  return draws.some(TAINTS, 0.12).map(({ key, value, effect }): Toleration => {
    if (draws.chance(0.2)) return { key, operator: 'Exists' };
    return {
      key,
      operator: value ? 'Equal' : 'Exists',
      ...(value ? { value } : {}),
      ...(draws.chance(0.7) ? { effect } : {}),
    };
  });
}

function nodeTermOf(draws: Draws, nodeNames: readonly string[]): NodeSelectorTerm {
  if (draws.chance(0.15)) {
    const values = [draws.chance(0.85) ? draws.one(nodeNames) : 'nowhere'];
    return { matchFields: [{ key: 'metadata.name', operator: draws.one(['In', 'In', 'NotIn']), values }] };
  }
  const expressions = [
    { key: 'disk', operator: draws.one(['In', 'NotIn']), values: [draws.one(['ssd', 'hdd'])] },
    {
      key: 'topology.kubernetes.io/zone',
      operator: draws.one(['In', 'NotIn']),
      values: draws.some(ZONES, 0.6).concat('south'),
    },
    { key: 'rank', operator: draws.one(['Gt', 'Lt']), values: [String(draws.int(2, 8))] },
    { key: 'rank', operator: draws.one(['Exists', 'DoesNotExist']) },
  ];
  return { matchExpressions: [draws.one(expressions), ...draws.some(expressions, 0.15)] };
}

function nodeAffinityOf(draws: Draws, nodeNames: readonly string[]): NonNullable<Affinity['nodeAffinity']> {
  const terms = (most: number) => Array.from({ length: draws.int(1, most) }, () => nodeTermOf(draws, nodeNames));
  const required = { nodeSelectorTerms: terms(2) };
  const preferred = terms(3).map((preference) => ({ weight: draws.int(1, 100), preference }));
  return {
    ...(draws.chance(0.6) ? { requiredDuringSchedulingIgnoredDuringExecution: required } : {}),
    ...(draws.chance(0.7) ? { preferredDuringSchedulingIgnoredDuringExecution: preferred } : {}),
  };
}

function podTermOf(draws: Draws): PodAffinityTerm {
  const selectors = [
    { matchLabels: { app: draws.one(APPS) } },
    { matchExpressions: [{ key: 'app', operator: 'In', values: draws.some(APPS, 0.5).concat('other') }] },
    { matchExpressions: [{ key: 'team', operator: draws.one(['Exists', 'DoesNotExist']) }] },
  ];
  const namespaceSelectors = [
    {},
    { matchLabels: { tier: 'gold' } },
    { matchExpressions: [{ key: 'tier', operator: 'NotIn', values: ['gold'] }] },
    { matchExpressions: [{ key: 'tier', operator: 'DoesNotExist' }] },
  ];
  return {
    topologyKey: draws.one(TOPOLOGY_KEYS),
    ...(draws.chance(0.95) ? { labelSelector: draws.one(selectors) } : {}),
    ...(draws.chance(0.2) ? { namespaces: draws.some(NAMESPACES, 0.6) } : {}),
    ...(draws.chance(0.25) ? { namespaceSelector: draws.one(namespaceSelectors) } : {}),
    ...(draws.chance(0.1) ? { matchLabelKeys: ['team'] } : {}),
  };
}

function podAffinityOf(draws: Draws): Pick<Affinity, 'podAffinity' | 'podAntiAffinity'> {
  const part = () => {
    const terms = Array.from({ length: draws.chance(0.2) ? 2 : 1 }, () => podTermOf(draws));
    const preferred = terms.map((podAffinityTerm) => ({ weight: draws.int(1, 100), podAffinityTerm }));
    return draws.chance(0.5)
      ? { requiredDuringSchedulingIgnoredDuringExecution: terms.filter((term) => term.labelSelector).map(wellFormed) }
      : {
          preferredDuringSchedulingIgnoredDuringExecution: preferred.map((one) => ({
            ...one,
            podAffinityTerm: wellFormed(one.podAffinityTerm),
          })),
        };
  };
  const kind = draws.int(0, 2);
  return { ...(kind !== 1 ? { podAffinity: part() } : {}), ...(kind !== 0 ? { podAntiAffinity: part() } : {}) };
}

/** Keys whose values are to match want a selector, and none that names them already. */
function wellFormed(term: PodAffinityTerm): PodAffinityTerm {
  const { matchLabelKeys, ...rest } = term;
  const names = JSON.stringify(term.labelSelector ?? {}).includes('"team"');
  return matchLabelKeys && term.labelSelector && !names ? term : rest;
}

function spreadOf(draws: Draws): TopologySpreadConstraint[] {
  const keys = draws.some(TOPOLOGY_KEYS, 0.5);
  return (keys.length > 0 ? keys : [TOPOLOGY_KEYS[1]!]).map((topologyKey) => {
    const isHard = draws.chance(0.6);
    return {
      topologyKey,
      maxSkew: draws.int(1, 3),
      whenUnsatisfiable: isHard ? 'DoNotSchedule' : 'ScheduleAnyway',
      labelSelector: draws.chance(0.93) ? { matchLabels: { app: draws.one(APPS) } } : {},
      ...(isHard && draws.chance(0.25) ? { minDomains: draws.int(1, 5) } : {}),
      ...(draws.chance(0.3) ? { nodeAffinityPolicy: draws.one(['Honor', 'Ignore']) } : {}),
      ...(draws.chance(0.3) ? { nodeTaintsPolicy: draws.one(['Honor', 'Ignore']) } : {}),
      ...(draws.chance(0.2) ? { matchLabelKeys: ['team'] } : {}),
    };
  });
}
