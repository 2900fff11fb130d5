/** core/v1: Pods, their templates, containers, probes and volumes. */
import type {
  ConfigMapVolumeSource,
  Container,
  EphemeralContainer,
  HostPathVolumeSource,
  HTTPGetAction,
  ObjectFieldSelector,
  Pod,
  PodSpec,
  PodStatus,
  Probe,
  ResourceRequirements,
  ServiceAccountTokenProjection,
  Volume,
} from '#common/kube/types';
import { addQuantities, greaterQuantity } from '../quantity';
import { rule, type PackageDefaults } from './rule';

type Quantities = Record<string, string>;

export const podDefaults: PackageDefaults = {
  prefix: 'io.k8s.api.core.v1.',
  rules: {
    Pod: rule<Pod>(defaultPod),
    PodSpec: rule<PodSpec>(defaultPodSpec),
    PodStatus: rule<PodStatus>(defaultPodStatus),
    Container: rule<Container>(defaultContainer),
    EphemeralContainer: rule<EphemeralContainer>(defaultContainer),
    Probe: rule<Probe>(defaultProbe),
    HTTPGetAction: rule<HTTPGetAction>(defaultHttpGet),
    Volume: rule<Volume>(defaultVolume),
    HostPathVolumeSource: rule<HostPathVolumeSource>((source) => {
      source.type ??= '';
    }),
    SecretVolumeSource: rule(defaultMode),
    ConfigMapVolumeSource: rule(defaultMode),
    DownwardAPIVolumeSource: rule(defaultMode),
    ProjectedVolumeSource: rule(defaultMode),
    ServiceAccountTokenProjection: rule<ServiceAccountTokenProjection>((projection) => {
      projection.expirationSeconds ??= 3600;
    }),
    ObjectFieldSelector: rule<ObjectFieldSelector>((selector) => {
      selector.apiVersion ||= 'v1';
    }),
  },
};

/** 0644. */
const FILE_MODE = 420;

function defaultMode(source: Pick<ConfigMapVolumeSource, 'defaultMode'>): void {
  source.defaultMode ??= FILE_MODE;
}

function defaultPod({ spec }: Pod): void {
  const containers = [...(spec.initContainers ?? []), ...(spec.containers ?? [])];
  for (const { resources } of containers) {
    if (resources) requestLimits(resources);
  }
  if (spec.resources) defaultPodResources(spec, spec.resources);
  spec.enableServiceLinks ??= true;
  if ((spec.terminationGracePeriodSeconds ?? 0) < 0) spec.terminationGracePeriodSeconds = 1;
  if (spec.hostNetwork) for (const container of containers) exposeOnHost(container);
}

/** What is limited and not requested is requested up to the limit. */
function requestLimits(resources: ResourceRequirements): void {
  const { limits = {}, requests = {} } = resources;
  if (Object.keys(limits).some((name) => !(name in requests))) resources.requests = { ...limits, ...requests };
}

function exposeOnHost({ ports }: Container): void {
  for (const port of ports ?? []) port.hostPort ||= port.containerPort;
}

/** Limits and requests of the Pod as a whole, once some are given: they follow those of its containers. */
function defaultPodResources(spec: PodSpec, resources: ResourceRequirements): void {
  if (!hasEntries(resources.limits) && !hasEntries(resources.requests)) return;
  const limits = podLimits(spec, resources);
  if (!hasEntries(limits)) return;
  if (hasMore(limits, resources.limits)) resources.limits = limits;
  const requests = podRequests(spec, { limits, requests: resources.requests ?? {} });
  if (hasMore(requests, resources.requests)) resources.requests = requests;
}

const hasMore = (next: Quantities, current: Quantities = {}): boolean =>
  Object.keys(next).length > Object.keys(current).length;

function podLimits(spec: PodSpec, { limits, requests }: ResourceRequirements): Quantities {
  const all: Quantities = { ...limits };
  for (const [name, limit] of Object.entries(aggregated(spec, 'limits'))) {
    if (name.startsWith('hugepages-') && !requests?.[name]) all[name] ??= limit;
  }
  return all;
}

function podRequests(spec: PodSpec, given: { limits: Quantities; requests: Quantities }): Quantities {
  const all: Quantities = { ...given.requests };
  for (const [name, request] of Object.entries(aggregated(spec, 'requests'))) {
    if (name === 'cpu' || name === 'memory') all[name] ??= request;
  }
  for (const [name, limit] of Object.entries(given.limits)) if (isPodLevel(name)) all[name] ??= limit;
  return all;
}

const hasEntries = (list: Quantities | undefined): boolean => list !== undefined && Object.keys(list).length > 0;

const isPodLevel = (name: string): boolean => name === 'cpu' || name === 'memory' || name.startsWith('hugepages-');

/** What the containers need together: init containers run one after another, sidecars and containers side by side. */
function aggregated(spec: PodSpec, which: 'limits' | 'requests'): Quantities {
  let together: Quantities = {};
  let sidecars: Quantities = {};
  let most: Quantities = {};
  for (const { resources } of spec.containers ?? []) together = combine(together, resources?.[which], addQuantities);
  for (const { resources, restartPolicy } of spec.initContainers ?? []) {
    const own = resources?.[which];
    if (restartPolicy === 'Always') {
      together = combine(together, own, addQuantities);
      sidecars = combine(sidecars, own, addQuantities);
      most = combine(most, sidecars, greaterQuantity);
    } else most = combine(most, combine(sidecars, own, addQuantities), greaterQuantity);
  }
  return combine(together, most, greaterQuantity);
}

function combine(
  left: Quantities,
  right: Quantities | undefined,
  both: (left: string, right: string) => string,
): Quantities {
  const result = { ...left };
  for (const [name, value] of Object.entries(right ?? {})) {
    const other = result[name];
    result[name] = other === undefined ? value : both(other, value);
  }
  return result;
}

/** `serviceAccount` is the older name of `serviceAccountName`: the server always writes both. */
function defaultPodSpec(spec: PodSpec): void {
  mirrorServiceAccount(spec);
  spec.dnsPolicy ||= 'ClusterFirst';
  spec.restartPolicy ||= 'Always';
  spec.securityContext ??= {};
  spec.terminationGracePeriodSeconds ??= 30;
  spec.schedulerName ||= 'default-scheduler';
}

/** Keeps `serviceAccount` equal to `serviceAccountName`; admission calls it after it has chosen an account. */
export function mirrorServiceAccount(spec: PodSpec): void {
  const name = spec.serviceAccountName || spec.serviceAccount;
  // Written to only where it changes something: the spec of a template may be shared with a stored object.
  if (!name || (spec.serviceAccountName === name && spec.serviceAccount === name)) return;
  spec.serviceAccountName = name;
  spec.serviceAccount = name;
}

/** `podIP` and the first of `podIPs` are one thing; `podIP` decides. */
function defaultPodStatus(status: PodStatus): void {
  const { podIP, podIPs } = status;
  if (podIP && podIPs?.[0]?.ip !== podIP) status.podIPs = [{ ip: podIP }];
  else if (!podIP && podIPs?.[0]?.ip) status.podIP = podIPs[0].ip;
}

function defaultContainer(container: Container | EphemeralContainer): void {
  container.imagePullPolicy ||= pullPolicyOf(container.image ?? '');
  container.terminationMessagePath ||= '/dev/termination-log';
  container.terminationMessagePolicy ||= 'File';
}

/** Always for `:latest` and for no tag at all, unless the image is named by digest. */
function pullPolicyOf(image: string): string {
  const [name = '', digest] = image.split('@', 2);
  const tag = /:([^:/]+)$/.exec(name)?.[1];
  // What is no name at all has no tag either.
  const isLatest = tag === 'latest' || (!tag && !digest && name !== '' && !/\s/.test(name));
  return isLatest ? 'Always' : 'IfNotPresent';
}

function defaultProbe(probe: Probe): void {
  probe.timeoutSeconds ||= 1;
  probe.periodSeconds ||= 10;
  probe.successThreshold ||= 1;
  probe.failureThreshold ||= 3;
}

function defaultHttpGet(action: HTTPGetAction): void {
  action.path ||= '/';
  action.scheme ||= 'HTTP';
}

function defaultVolume(volume: Volume): void {
  if (Object.keys(volume).every((key) => key === 'name')) volume.emptyDir = {};
  if (volume.image) volume.image.pullPolicy ||= pullPolicyOf(volume.image.reference ?? '');
}
