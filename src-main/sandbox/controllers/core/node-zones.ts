/** How many nodes of each zone are ready, and how fast Pods may be driven from those that are not. */
import type { Node } from '#common/kube/types';

export type ZoneState = 'Normal' | 'PartialDisruption' | 'FullDisruption';

/** Nodes per second (--node-eviction-rate, --secondary-node-eviction-rate). */
const RATE = 0.1;
const REDUCED_RATE = 0.01;
/** Zones of up to this many nodes are left alone while most of them are not ready (--large-cluster-size-threshold). */
const LARGE_ZONE = 50;
/** The part of a zone that must be out of order, and at least three nodes (--unhealthy-zone-threshold). */
const UNHEALTHY_PART = 0.55;
const EXCLUDED = 'node.kubernetes.io/exclude-disruption';

export function zoneState({ ready, unready }: Census): ZoneState {
  if (ready === 0 && unready > 0) return 'FullDisruption';
  const isPartial = unready > 2 && unready / (ready + unready) >= UNHEALTHY_PART;
  return isPartial ? 'PartialDisruption' : 'Normal';
}

/** Nodes of the zone that may be tainted NoExecute each second. */
export function evictionRate(census: Census): number {
  if (zoneState(census) !== 'PartialDisruption') return RATE;
  return census.ready + census.unready > LARGE_ZONE ? REDUCED_RATE : 0;
}

/** `region:\0:zone`, empty for a Node of no zone. */
export function zoneOf({ metadata: { labels = {} } }: Node): string {
  const zone = labels['topology.kubernetes.io/zone'] ?? labels['failure-domain.beta.kubernetes.io/zone'] ?? '';
  const region = labels['topology.kubernetes.io/region'] ?? labels['failure-domain.beta.kubernetes.io/region'] ?? '';
  return zone || region ? `${region}:\0:${zone}` : '';
}

export interface Census {
  ready: number;
  unready: number;
}

interface Zone extends Census {
  /** When the next Node may be tainted at the rate that holds now. */
  tokens: number;
  countedMs: number;
}

/** The nodes of a cluster as the node lifecycle controller last saw them, by zone. */
export class NodeZones {
  readonly #places = new Map<string, { zone: string; isReady: boolean }>();
  readonly #zones = new Map<string, Zone>();

  see(node: Node, isReady: boolean, nowMs: number): void {
    const { name, labels = {} } = node.metadata;
    this.forget(name);
    if (EXCLUDED in labels) return;
    const place = { zone: zoneOf(node), isReady };
    this.#places.set(name, place);
    this.#count(place, 1, nowMs);
  }

  forget(name: string): void {
    const place = this.#places.get(name);
    this.#places.delete(name);
    if (place) this.#count(place, -1, 0);
  }

  /** No node anywhere is ready: more likely the control plane is cut off than all nodes are lost, and nobody is driven out. */
  get isAllDown(): boolean {
    let any = false;
    for (const zone of this.#zones.values()) {
      if (zone.ready > 0) return false;
      any ||= zone.unready > 0;
    }
    return any;
  }

  /** Takes the leave to taint one Node of the zone now; otherwise milliseconds until there may be one, Infinity for none. */
  take(node: Node, nowMs: number): number {
    const zone = this.#zone(zoneOf(node), nowMs);
    const rate = evictionRate(zone);
    zone.tokens = Math.min(1, zone.tokens + ((nowMs - zone.countedMs) / 1000) * rate);
    zone.countedMs = nowMs;
    // A thousandth is what a clock in milliseconds may miss.
    if (zone.tokens >= 0.999) {
      zone.tokens = 0;
      return 0;
    }
    return rate > 0 ? Math.ceil(((1 - zone.tokens) / rate) * 1000) : Number.POSITIVE_INFINITY;
  }

  #count({ zone, isReady }: { zone: string; isReady: boolean }, by: 1 | -1, nowMs: number): void {
    const census = this.#zone(zone, nowMs);
    if (isReady) census.ready += by;
    else census.unready += by;
  }

  #zone(name: string, nowMs: number): Zone {
    let zone = this.#zones.get(name);
    if (!zone) this.#zones.set(name, (zone = { ready: 0, unready: 0, tokens: 1, countedMs: nowMs }));
    return zone;
  }
}
