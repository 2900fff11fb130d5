/** core/v1: everything but Pods. */
import type {
  Endpoints,
  LimitRangeItem,
  Namespace,
  NodeSpec,
  NodeStatus,
  PersistentVolume,
  PersistentVolumeClaim,
  PersistentVolumeClaimSpec,
  ReplicationController,
  Secret,
  Service,
  ServicePort,
  ServiceSpec,
} from '#common/kube/types';
import { rule, type PackageDefaults } from './rule';

export const coreDefaults: PackageDefaults = {
  prefix: 'io.k8s.api.core.v1.',
  rules: {
    Endpoints: rule<Endpoints>(defaultEndpoints),
    LimitRangeItem: rule<LimitRangeItem>(defaultLimitRangeItem),
    Namespace: rule<Namespace>(defaultNamespace),
    NodeSpec: rule<NodeSpec>(defaultNodeSpec),
    NodeStatus: rule<NodeStatus>((status) => {
      if (status.capacity) status.allocatable ??= { ...status.capacity };
    }),
    PersistentVolume: rule<PersistentVolume>(defaultPersistentVolume),
    PersistentVolumeClaim: rule<PersistentVolumeClaim>((claim) => {
      if (!claim.status?.phase) claim.status = { ...claim.status, phase: 'Pending' };
    }),
    PersistentVolumeClaimSpec: rule<PersistentVolumeClaimSpec>((spec) => {
      spec.volumeMode ??= 'Filesystem';
    }),
    ReplicationController: rule<ReplicationController>(defaultReplicationController),
    Secret: rule<Secret>(defaultSecret),
    Service: rule<Service>(defaultService),
  },
};

function defaultEndpoints({ subsets }: Endpoints): void {
  for (const { ports } of subsets ?? []) for (const port of ports ?? []) port.protocol ||= 'TCP';
}

/** A missing limit is the maximum, a missing request the limit, else the minimum. */
function defaultLimitRangeItem(item: LimitRangeItem): void {
  if (item.type !== 'Container') return;
  const limits = { ...item.max, ...item.default };
  const requests = { ...item.min, ...limits, ...item.defaultRequest };
  if (countOf(limits) > countOf(item.default)) item.default = limits;
  if (countOf(requests) > countOf(item.defaultRequest)) item.defaultRequest = requests;
}

const countOf = (list: Record<string, string> | undefined): number => Object.keys(list ?? {}).length;

const NAME_LABEL = 'kubernetes.io/metadata.name';

function defaultNamespace(namespace: Namespace): void {
  const { metadata, status } = namespace;
  if (status && !status.phase) namespace.status = { ...status, phase: 'Active' };
  if (!metadata.name || metadata.labels?.[NAME_LABEL] === metadata.name) return;
  metadata.labels = { ...metadata.labels, [NAME_LABEL]: metadata.name };
}

/** `podCIDR` and the first of `podCIDRs` are one thing; `podCIDR` decides. */
function defaultNodeSpec(spec: NodeSpec): void {
  const { podCIDR, podCIDRs } = spec;
  if (podCIDR && podCIDRs?.[0] !== podCIDR) spec.podCIDRs = [podCIDR];
  else if (!podCIDR && podCIDRs?.[0]) spec.podCIDR = podCIDRs[0];
}

function defaultPersistentVolume(volume: PersistentVolume): void {
  if (!volume.status?.phase) volume.status = { ...volume.status, phase: 'Pending' };
  volume.spec.persistentVolumeReclaimPolicy ||= 'Retain';
  volume.spec.volumeMode ??= 'Filesystem';
}

function defaultReplicationController({ metadata, spec }: ReplicationController): void {
  const labels = spec.template?.metadata?.labels;
  if (!labels) return;
  if (Object.keys(spec.selector ?? {}).length === 0) spec.selector = { ...labels };
  if (Object.keys(metadata.labels ?? {}).length === 0) metadata.labels = { ...labels };
}

/** `stringData` is for writing only: it ends up in `data`. */
function defaultSecret(secret: Secret): void {
  secret.type ||= 'Opaque';
  if (!secret.stringData) return;
  const encoded = Object.entries(secret.stringData).map(([key, text]) => [key, Buffer.from(text).toString('base64')]);
  secret.data = { ...secret.data, ...(Object.fromEntries(encoded) as Record<string, string>) };
  delete secret.stringData;
}

function defaultService({ spec, status }: Service): void {
  defaultAffinity(spec);
  spec.type ||= 'ClusterIP';
  for (const port of spec.ports ?? []) defaultServicePort(port);
  if (isExternallyAccessible(spec)) spec.externalTrafficPolicy ||= 'Cluster';
  if (spec.type !== 'ExternalName') spec.internalTrafficPolicy ??= 'Cluster';
  if (spec.type === 'LoadBalancer') defaultLoadBalancer(spec, status);
}

function defaultLoadBalancer(spec: ServiceSpec, status: Service['status']): void {
  spec.allocateLoadBalancerNodePorts ??= true;
  for (const ingress of status?.loadBalancer?.ingress ?? []) if (ingress.ip) ingress.ipMode ??= 'VIP';
}

/** Three hours. */
const CLIENT_IP_AFFINITY_SECONDS = 10_800;

function defaultAffinity(spec: ServiceSpec): void {
  spec.sessionAffinity ||= 'None';
  if (spec.sessionAffinity === 'None') delete spec.sessionAffinityConfig;
  if (spec.sessionAffinity !== 'ClientIP') return;
  if (spec.sessionAffinityConfig?.clientIP?.timeoutSeconds === undefined) {
    spec.sessionAffinityConfig = { clientIP: { timeoutSeconds: CLIENT_IP_AFFINITY_SECONDS } };
  }
}

function defaultServicePort(port: ServicePort): void {
  port.protocol ||= 'TCP';
  port.targetPort ||= port.port;
}

function isExternallyAccessible({ type, externalIPs }: ServiceSpec): boolean {
  if (type === 'LoadBalancer' || type === 'NodePort') return true;
  return type === 'ClusterIP' && (externalIPs?.length ?? 0) > 0;
}
