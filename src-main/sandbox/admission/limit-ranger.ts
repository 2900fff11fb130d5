/** LimitRanger: what containers, Pods and claims of a namespace ask for when they say nothing, and may ask for at all. */
import { LimitRanges } from '#common/kube/resources';
import type { Container, LimitRangeItem, PersistentVolumeClaim, Pod, ResourceRequirements } from '#common/kube/types';
import { limitErrors, requestErrors } from './limit-rules';
import type { AdmissionCluster, AdmissionPlugin, AdmissionRequest } from './plugin';
import { createdPod } from './pod-request';
import { podAmounts } from '#main/sandbox/quota/pod-amounts';
import { aggregate, refused } from './refusal';
import { writtenResource } from './written-resource';

const ANNOTATION = 'kubernetes.io/limit-ranger';

export const limitRanger: AdmissionPlugin = {
  name: 'LimitRanger',
  mutate(request, cluster) {
    const pod = createdPod(request);
    if (!pod) return;
    for (const item of itemsOf(request, cluster)) if (item.type === 'Container') setDefaults(pod, item);
  },
  validate(request, cluster) {
    const check = checkOf(request);
    if (!check) return;
    for (const item of itemsOf(request, cluster)) {
      const errors = check(item);
      if (errors.length > 0) throw refused(request, aggregate(errors));
    }
  },
};

function itemsOf({ namespace }: AdmissionRequest, cluster: AdmissionCluster): LimitRangeItem[] {
  return [...cluster.list(LimitRanges, namespace)].flatMap(({ spec }) => spec.limits ?? []);
}

function checkOf(request: AdmissionRequest): ((item: LimitRangeItem) => string[]) | undefined {
  const resource = writtenResource(request);
  const { operation, object } = request;
  if (resource === 'persistentvolumeclaims' && operation !== 'DELETE') {
    const claim = object as unknown as PersistentVolumeClaim;
    return (item) => claimErrors(claim, item);
  }
  const isPod =
    (resource === 'pods' && operation === 'CREATE') || (resource === 'pods/resize' && operation === 'UPDATE');
  if (!isPod) return undefined;
  const pod = object as unknown as Pod;
  return (item) => podErrors(pod, item);
}

function claimErrors({ spec }: PersistentVolumeClaim, item: LimitRangeItem): string[] {
  return item.type === 'PersistentVolumeClaim' ? requestErrors(item, spec.resources?.requests ?? {}) : [];
}

function podErrors({ spec }: Pod, item: LimitRangeItem): string[] {
  if (item.type === 'Container') {
    const containers = [...(spec.containers ?? []), ...(spec.initContainers ?? [])];
    return containers.flatMap(({ resources = {} }) => limitErrors(item, resources));
  }
  return item.type === 'Pod' ? limitErrors(item, podAmounts(spec)) : [];
}

function setDefaults({ metadata, spec }: Pod, item: LimitRangeItem): void {
  const told = [
    ...(spec.initContainers ?? []).flatMap((one) => setContainerDefaults(one, item, 'init container')),
    ...(spec.containers ?? []).flatMap((one) => setContainerDefaults(one, item, 'container')),
  ];
  if (told.length === 0) return;
  metadata.annotations = { ...metadata.annotations, [ANNOTATION]: `LimitRanger plugin set: ${told.join('; ')}` };
}

function setContainerDefaults(container: Container, item: LimitRangeItem, what: string): string[] {
  const resources: ResourceRequirements = { ...container.resources };
  const limits = missing(resources.limits, item.default);
  const requests = missing(resources.requests, item.defaultRequest);
  if (limits.length > 0) resources.limits = { ...item.default, ...resources.limits };
  if (requests.length > 0) resources.requests = { ...item.defaultRequest, ...resources.requests };
  if (limits.length + requests.length > 0) container.resources = resources;
  const told: string[] = [];
  if (requests.length > 0) told.push(`${requests.join(', ')} request for ${what} ${container.name}`);
  if (limits.length > 0) told.push(`${limits.join(', ')} limit for ${what} ${container.name}`);
  return told;
}

function missing(own: Record<string, string> = {}, defaults: Record<string, string> = {}): string[] {
  return Object.keys(defaults)
    .filter((name) => !(name in own))
    .sort();
}
