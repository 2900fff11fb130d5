/** What Pods ask for, as plain numbers. Pure. */
import { amountOf } from '#common/kinds/amounts';
import type { Container, Node, Pod } from '#common/kube/types';

/** Amounts by resource name: cpu in millicores, everything else in units or bytes. */
export type Amounts = Readonly<Record<string, number>>;

/** What a container that asks for nothing is taken to need when nodes are compared (DefaultMilliCPURequest and its like). */
const UNSAID: Amounts = { cpu: 100, memory: 200 * 2 ** 20 };
const NOTHING: Amounts = {};

interface RequestOptions {
  /** Counts what is given to running containers, as their status tells, where that is more than the spec says. */
  useStatus?: boolean;
  /** Leaves out what the Pod asks for as a whole. */
  ignorePodLevel?: boolean;
  /** What a container needs of a resource that it says nothing about. */
  unsaid?: Amounts;
}

/** One Pod is held against every node: what it asks for is worked out once. Objects are never edited. */
const wanted = new WeakMap<Pod, Amounts>();
const taken = new WeakMap<Pod, TakenAmounts>();

/** What a Pod that looks for a node asks for. */
export function requestsOf(pod: Pod): Amounts {
  let requests = wanted.get(pod);
  if (!requests) wanted.set(pod, (requests = podRequests(pod, {})));
  return requests;
}

/** What a Pod takes of its node. */
export interface TakenAmounts {
  requests: Amounts;
  /** Of cpu and memory, with something for containers that ask for none. */
  nonZero: Amounts;
}

export function takenBy(pod: Pod): TakenAmounts {
  let amounts = taken.get(pod);
  if (!amounts) {
    const requests = podRequests(pod, { useStatus: true });
    const unsaid = asksAsAWhole(pod)
      ? Object.fromEntries(Object.entries(UNSAID).filter(([name]) => requests[name] === undefined))
      : UNSAID;
    const { cpu = 0, memory = 0 } = podRequests(pod, { useStatus: true, unsaid });
    taken.set(pod, (amounts = { requests, nonZero: { cpu, memory } }));
  }
  return amounts;
}

/** What is compared when nodes are scored by what would be left: containers count, and those that say nothing too. */
export const comparedRequests = (pod: Pod): Amounts => podRequests(pod, { ignorePodLevel: true, unsaid: UNSAID });

/** Containers together, or the largest moment of the start if that is more; the Pod's own word instead; its overhead. */
function podRequests(pod: Pod, options: RequestOptions): Amounts {
  const { spec } = pod;
  const needed = containersTogether(pod, options);
  if (!options.ignorePodLevel && asksAsAWhole(pod)) {
    for (const [name, amount] of Object.entries(amounts(spec.resources?.requests)))
      if (isPodLevel(name)) needed[name] = amount;
  }
  if (spec.overhead) add(needed, amounts(spec.overhead));
  return needed;
}

const isPodLevel = (name: string): boolean => name === 'cpu' || name === 'memory' || name.startsWith('hugepages-');

const asksAsAWhole = ({ spec }: Pod): boolean => Object.keys(spec.resources?.requests ?? {}).some(isPodLevel);

function containersTogether(pod: Pod, options: RequestOptions): Record<string, number> {
  const { containers, initContainers = [] } = pod.spec;
  const running: Record<string, number> = {};
  for (const container of containers) add(running, containerRequests(pod, container, options));
  const sidecars: Record<string, number> = {};
  const starting: Record<string, number> = {};
  for (const container of initContainers) {
    const isSidecar = container.restartPolicy === 'Always';
    const requests = containerRequests(pod, container, { ...options, useStatus: isSidecar && !!options.useStatus });
    if (isSidecar) {
      add(running, requests);
      add(sidecars, requests);
      raise(starting, sidecars);
    } else {
      const together = { ...sidecars };
      add(together, requests);
      raise(starting, together);
    }
  }
  raise(running, starting);
  return running;
}

function containerRequests(pod: Pod, container: Container, { useStatus, unsaid }: RequestOptions): Amounts {
  const spec = container.resources?.requests;
  const requests = useStatus ? (resizing(pod, container) ?? amounts(spec)) : amounts(spec);
  return unsaid ? { ...unsaid, ...requests } : requests;
}

/** A container that is being resized keeps the larger of what it has and what it is to have. */
function resizing({ status }: Pod, { name, resources }: Container): Amounts | undefined {
  const known =
    status?.containerStatuses?.find((one) => one.name === name) ??
    status?.initContainerStatuses?.find((one) => one.name === name);
  if (!known?.resources) return undefined;
  const isInfeasible = status?.conditions?.find(({ type }) => type === 'PodResizePending')?.reason === 'Infeasible';
  const largest: Record<string, number> = isInfeasible ? {} : amounts(resources?.requests);
  raise(largest, amounts(known.resources.requests));
  raise(largest, amounts(known.allocatedResources));
  return largest;
}

/** What a node has to give. */
export const allocatableOf = ({ status }: Node): Amounts => amounts(status?.allocatable);

function amounts(quantities: Readonly<Record<string, string>> | undefined): Record<string, number> {
  if (!quantities) return { ...NOTHING };
  const result: Record<string, number> = {};
  for (const name in quantities) {
    const amount = amountOf(quantities[name]) ?? 0;
    result[name] = name === 'cpu' ? Math.ceil(Math.round(amount * 1e6) / 1e3) : Math.ceil(amount);
  }
  return result;
}

/** Changes `to`. */
export function add(to: Record<string, number>, what: Amounts, factor = 1): void {
  for (const name in what) to[name] = (to[name] ?? 0) + factor * (what[name] ?? 0);
}

/** Changes `to`: each amount becomes the larger of the two. */
function raise(to: Record<string, number>, what: Amounts): void {
  for (const name in what) to[name] = Math.max(to[name] ?? 0, what[name] ?? 0);
}
