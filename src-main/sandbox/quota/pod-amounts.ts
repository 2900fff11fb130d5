import type { Container, PodSpec } from '#common/kube/types';
import { addQuantities, greaterQuantity } from '#main/sandbox/machinery/quantity';

export type Amounts = Record<string, string>;

/** What a Pod asks for as a whole: its containers and sidecars together, or its hungriest init container, and its overhead. */
export function podAmounts(spec: PodSpec): { requests: Amounts; limits: Amounts } {
  return { requests: total(spec, 'requests'), limits: total(spec, 'limits') };
}

function total(spec: PodSpec, side: 'requests' | 'limits'): Amounts {
  let running = spec.containers.reduce<Amounts>((sum, container) => plus(sum, of(container, side)), {});
  let sidecars: Amounts = {};
  let starting: Amounts = {};
  for (const container of spec.initContainers ?? []) {
    const own = of(container, side);
    starting = greater(starting, plus(sidecars, own));
    if (container.restartPolicy !== 'Always') continue;
    sidecars = plus(sidecars, own);
    running = plus(running, own);
  }
  const needed = { ...greater(running, starting), ...spec.resources?.[side] };
  return side === 'requests' ? plus(needed, spec.overhead ?? {}) : plus(needed, pick(spec.overhead ?? {}, needed));
}

const of = ({ resources }: Container, side: 'requests' | 'limits'): Amounts => resources?.[side] ?? {};

/** Overhead counts for a limit only where there is one. */
function pick(amounts: Amounts, names: Amounts): Amounts {
  return Object.fromEntries(Object.entries(amounts).filter(([name]) => name in names));
}

export function plus(left: Amounts, right: Amounts): Amounts {
  const sum = { ...left };
  for (const [name, amount] of Object.entries(right)) {
    const own = sum[name];
    sum[name] = own === undefined ? amount : addQuantities(own, amount);
  }
  return sum;
}

function greater(left: Amounts, right: Amounts): Amounts {
  const most = { ...left };
  for (const [name, amount] of Object.entries(right)) {
    const own = most[name];
    most[name] = own === undefined ? amount : greaterQuantity(own, amount);
  }
  return most;
}
