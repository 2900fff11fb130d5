/** What Pods ask for, as plain numbers. Pure. */
import { amountOf } from '#common/kinds/amounts';
import type { Container, Node, Pod } from '#common/kube/types';

/** Amounts by resource name: cpu in millicores, everything else in units or bytes. */
export type Amounts = Readonly<Record<string, number>>;

/** One Pod is held against every node: what it asks for is worked out once. Objects are never edited. */
const known = new WeakMap<Pod['spec'], Amounts>();

/** What a Pod takes of a node: its containers together, or its largest init container if that is more, and its overhead. */
export function requestsOf({ spec }: Pod): Amounts {
  let requests = known.get(spec);
  if (!requests) known.set(spec, (requests = workOut(spec)));
  return requests;
}

function workOut(spec: Pod['spec']): Amounts {
  let running: Amounts = {};
  for (const container of spec.containers) running = sum(running, containerRequests(container));
  let sidecars: Amounts = {};
  let starting: Amounts = {};
  for (const container of spec.initContainers ?? []) {
    const requests = containerRequests(container);
    if (container.restartPolicy === 'Always') {
      sidecars = sum(sidecars, requests);
      running = sum(running, requests);
      starting = largest(starting, sidecars);
    } else {
      starting = largest(starting, sum(sidecars, requests));
    }
  }
  const needed = { ...largest(running, starting), ...amounts(spec.resources?.requests) };
  return sum(needed, amounts(spec.overhead));
}

const containerRequests = ({ resources }: Container): Amounts => amounts(resources?.requests);

/** What a node has to give. */
export const allocatableOf = ({ status }: Node): Amounts => amounts(status?.allocatable ?? status?.capacity);

function amounts(quantities: Readonly<Record<string, string>> | undefined): Record<string, number> {
  const result: Record<string, number> = {};
  for (const [name, quantity] of Object.entries(quantities ?? {})) {
    const amount = amountOf(quantity) ?? 0;
    result[name] = name === 'cpu' ? Math.ceil(Math.round(amount * 1e6) / 1e3) : Math.ceil(amount);
  }
  return result;
}

export function sum(left: Amounts, right: Amounts, factor = 1): Amounts {
  const result: Record<string, number> = { ...left };
  for (const [name, amount] of Object.entries(right)) result[name] = (result[name] ?? 0) + factor * amount;
  return result;
}

function largest(left: Amounts, right: Amounts): Amounts {
  const result: Record<string, number> = { ...left };
  for (const [name, amount] of Object.entries(right)) result[name] = Math.max(result[name] ?? 0, amount);
  return result;
}
