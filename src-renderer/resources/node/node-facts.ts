import type { Node } from '#common/kube/types';
import { amountText } from '#renderer/resources/shared/quantity-text';

export interface CapacityRow {
  resource: string;
  /** What Pods may take, and what the machine has. */
  allocatable: string;
  capacity: string;
}

const FIRST = ['cpu', 'memory', 'pods', 'ephemeral-storage'];

/** Capacity and what is left of it for Pods, the common resources first; nothing for resources the node has none of. */
export function capacityOf({ status }: Node): CapacityRow[] {
  const capacity = (status?.capacity ?? {}) as Record<string, string>;
  const allocatable = (status?.allocatable ?? {}) as Record<string, string>;
  const names = [...new Set([...Object.keys(capacity), ...Object.keys(allocatable)])];
  return names
    .filter((name) => FIRST.includes(name) || ![undefined, '0'].includes(capacity[name]))
    .sort((a, b) => rank(a) - rank(b) || a.localeCompare(b))
    .map((resource) => ({
      resource,
      allocatable: amountText(resource, allocatable[resource] ?? '–'),
      capacity: amountText(resource, capacity[resource] ?? '–'),
    }));
}

function rank(resource: string): number {
  const index = FIRST.indexOf(resource);
  return index < 0 ? FIRST.length : index;
}

/** `dedicated=gpu:NoSchedule` for each taint. */
export function taintsOf({ spec }: Node): string[] {
  return (spec?.taints ?? []).map(({ key, value, effect }) => `${key}${value ? `=${value}` : ''}:${effect}`);
}
