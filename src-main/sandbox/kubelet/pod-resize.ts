/** Resizing of running Pods (pkg/kubelet/allocation). Pure. */
import type { Container, Pod, PodCondition, ResourceRequirements } from '#common/kube/types';
import type { PodRefusal } from './pod-admission';

/** What was allotted to the containers of a Pod, by their names. */
export type Allotment = ReadonlyMap<string, ResourceRequirements>;

export function allotmentOf({ spec }: Pod): Allotment {
  const all = [...(spec.initContainers ?? []), ...spec.containers];
  return new Map(all.map(({ name, resources = {} }) => [name, resources]));
}

/** The Pod as far as its node has agreed to it. */
export function withAllotment(pod: Pod, allotment: Allotment): Pod {
  const agreed = (container: Container): Container => {
    const resources = allotment.get(container.name);
    return resources === undefined || resources === container.resources ? container : { ...container, resources };
  };
  const { containers, initContainers } = pod.spec;
  const isOther = (container: Container) => agreed(container) !== container;
  if (!containers.some(isOther) && !initContainers?.some(isOther)) return pod;
  const next = { ...pod.spec, containers: containers.map(agreed) };
  return { ...pod, spec: initContainers ? { ...next, initContainers: initContainers.map(agreed) } : next };
}

/** The containers whose resources are asked to be other than they are. */
export function resizedContainers(pod: Pod, allotment: Allotment): string[] {
  return [...(pod.spec.initContainers ?? []), ...pod.spec.containers]
    .filter(({ name, resources = {} }) => !sameResources(resources, allotment.get(name) ?? {}))
    .map(({ name }) => name);
}

function sameResources(left: ResourceRequirements, right: ResourceRequirements): boolean {
  return left === right || JSON.stringify(sorted(left)) === JSON.stringify(sorted(right));
}

const sorted = ({ limits = {}, requests = {} }: ResourceRequirements) =>
  [limits, requests].map((amounts) => Object.entries(amounts).sort(([one], [other]) => (one < other ? -1 : 1)));

/** True when the change needs the container to start anew. */
export function needsRestart({ resizePolicy = [], resources }: Container, before: ResourceRequirements): boolean {
  return resizePolicy.some(({ resourceName, restartPolicy }) => {
    if (restartPolicy !== 'RestartContainer') return false;
    return (
      resources?.limits?.[resourceName] !== before.limits?.[resourceName] ||
      resources?.requests?.[resourceName] !== before.requests?.[resourceName]
    );
  });
}

/** `Pod resize started: {…}`, as kubelet's events say it. */
export function resizeMessage(what: string, { metadata, spec }: Pod, error?: string): string {
  const named = (containers: readonly Container[] | undefined) =>
    containers?.length
      ? containers.map(({ name, resources = {} }) => ({ name, resources: ordered(resources) }))
      : undefined;
  const summary = {
    initContainers: named(spec.initContainers),
    containers: named(spec.containers),
    generation: metadata.generation ?? 0,
    error,
  };
  return `Pod resize ${what}: ${JSON.stringify(summary)}`;
}

/** Go writes the fields of a struct in their order, and the keys of a map sorted. */
const ordered = ({ limits, requests }: ResourceRequirements) => ({ limits: byKey(limits), requests: byKey(requests) });
const byKey = (amounts: Record<string, string> | undefined) =>
  amounts && Object.fromEntries(Object.entries(amounts).sort(([one], [other]) => (one < other ? -1 : 1)));

/** What is said of a resize in a Pod's conditions. */
export interface ResizeState {
  pending?: PodRefusal | undefined;
  inProgress: boolean;
}

export function resizeConditions({ pending, inProgress }: ResizeState, generation: number | undefined): PodCondition[] {
  const observed = generation === undefined ? {} : { observedGeneration: generation };
  return [
    ...(pending
      ? [{ type: 'PodResizePending', status: 'True', reason: 'Deferred', message: pending.message, ...observed }]
      : []),
    ...(inProgress ? [{ type: 'PodResizeInProgress', status: 'True', ...observed }] : []),
  ];
}
