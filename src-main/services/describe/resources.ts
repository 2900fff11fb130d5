import type { Container, Pod, ResourceRequirements } from '#common/kube/types';
import type { DescribeWriter } from './describe-writer';
import { add, formatQuantity, larger, parseQuantity, zero, type Quantity } from './quantity';

export type Amounts = Map<string, Quantity>;
type Side = 'requests' | 'limits';

/** Limits, then requests, each with its resources by name. */
export function writeResources(
  writer: DescribeWriter,
  resources: ResourceRequirements | undefined,
  level: number,
): void {
  for (const [title, amounts] of [
    ['Limits', resources?.limits],
    ['Requests', resources?.requests],
  ] as const) {
    const names = Object.keys(amounts ?? {}).toSorted();
    if (names.length > 0) writer.line(level, `${title}:`);
    for (const name of names) writer.field(level + 1, name, formatQuantity(parseQuantity(amounts?.[name])));
  }
}

/** What a Pod asks for as the scheduler counts it: containers and sidecars together, or the largest moment of its start. */
export function podAmounts({ spec }: Pod, side: Side): Amounts {
  const { total, peak } = startAmounts(spec.initContainers ?? [], side);
  for (const container of spec.containers) addAll(total, amountsOf(container.resources?.[side]));
  raiseAll(total, peak);
  for (const [name, value] of amountsOf(spec.resources?.[side])) total.set(name, value);
  for (const [name, value] of amountsOf(spec.overhead)) {
    if (side === 'requests' || total.has(name)) total.set(name, add(total.get(name) ?? zero, value));
  }
  return total;
}

/** Sidecars add up and stay; the others come one after the other, each beside the sidecars before it. */
function startAmounts(initContainers: readonly Container[], side: Side): { total: Amounts; peak: Amounts } {
  const sidecars: Amounts = new Map();
  const peak: Amounts = new Map();
  for (const { restartPolicy, resources } of initContainers) {
    const moment = restartPolicy === 'Always' ? sidecars : new Map(sidecars);
    addAll(moment, amountsOf(resources?.[side]));
    raiseAll(peak, moment);
  }
  return { total: new Map(sidecars), peak };
}

export function addAll(total: Amounts, amounts: Amounts): void {
  for (const [name, value] of amounts) total.set(name, add(total.get(name) ?? zero, value));
}

function raiseAll(total: Amounts, amounts: Amounts): void {
  for (const [name, value] of amounts) total.set(name, larger(total.get(name) ?? zero, value));
}

function amountsOf(amounts: Record<string, string> | undefined): Amounts {
  return new Map(Object.entries(amounts ?? {}).map(([name, value]) => [name, parseQuantity(value)]));
}
