import type { Node } from '#common/kube/types';

/** The first of each zone, then the second of each, and so on: neighbours in the order are far apart (kube-scheduler's node tree). */
export function inZoneOrder<T extends { node: Node }>(nodes: readonly T[]): readonly T[] {
  const zones = new Map<string, T[]>();
  for (const one of nodes) {
    const zone = zoneKey(one.node);
    const members = zones.get(zone);
    if (members) members.push(one);
    else zones.set(zone, [one]);
  }
  if (zones.size < 2) return nodes;
  const order: T[] = [];
  for (let at = 0; order.length < nodes.length; at++) {
    for (const members of zones.values()) {
      const member = members[at];
      if (member) order.push(member);
    }
  }
  return order;
}

function zoneKey({ metadata: { labels = {} } }: Node): string {
  const zone = labels['failure-domain.beta.kubernetes.io/zone'] ?? labels['topology.kubernetes.io/zone'] ?? '';
  const region = labels['failure-domain.beta.kubernetes.io/region'] ?? labels['topology.kubernetes.io/region'] ?? '';
  return `${region}:${zone}`;
}
