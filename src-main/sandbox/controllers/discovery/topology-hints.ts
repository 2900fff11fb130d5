/** Which zones and nodes should use an endpoint. Pure. */
import type { Endpoint, Node, Service } from '#common/kube/types';
import { quantityNumber } from '#common/kube/quantity';

const ZONE = 'topology.kubernetes.io/zone';
const EXCLUDED = ['node-role.kubernetes.io/control-plane', 'node-role.kubernetes.io/master'];
/** How much more than its share one endpoint may have to bear. */
const OVERLOAD = 0.2;

/** `auto` shares endpoints out over zones by their processors, the others keep traffic near its source. */
export type HintMode = 'none' | 'auto' | 'zone' | 'node';

export function hintMode({ metadata: { annotations = {} }, spec }: Service): HintMode {
  const asked =
    annotations['service.kubernetes.io/topology-aware-hints'] ?? annotations['service.kubernetes.io/topology-mode'];
  if (asked === 'Auto' || asked === 'auto') return 'auto';
  if (spec.trafficDistribution === 'PreferSameNode') return 'node';
  return spec.trafficDistribution === 'PreferClose' || spec.trafficDistribution === 'PreferSameZone' ? 'zone' : 'none';
}

/** The part of the cluster's processors that each zone has; undefined where it cannot be told. */
export function zoneShares(nodes: Iterable<Node>): ReadonlyMap<string, number> | undefined {
  const byZone = new Map<string, number>();
  let total = 0;
  for (const { metadata, status } of nodes) {
    const labels = metadata.labels ?? {};
    const isReady = status?.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True');
    if (!isReady || EXCLUDED.some((label) => label in labels)) continue;
    const cpu = quantityNumber(status?.allocatable?.['cpu']);
    const zone = labels[ZONE];
    if (!zone || !(cpu > 0)) return undefined;
    byZone.set(zone, (byZone.get(zone) ?? 0) + cpu);
    total += cpu;
  }
  if (byZone.size < 2) return undefined;
  return new Map([...byZone].map(([zone, cpu]) => [zone, cpu / total]));
}

export interface Hinted {
  /** In the order of the endpoints that were given. */
  endpoints: Endpoint[];
  /** Why `auto` gives no hints. */
  problem?: string;
}

export function withHints(
  endpoints: readonly Endpoint[],
  mode: HintMode,
  shares: ReadonlyMap<string, number> | undefined,
): Hinted {
  if (mode === 'auto') return sharedOut(endpoints, shares);
  if (mode === 'none') return { endpoints: [...endpoints] };
  return { endpoints: endpoints.map((endpoint) => nearby(endpoint, mode === 'node')) };
}

const isReady = ({ conditions }: Endpoint): boolean => conditions?.ready === true;

function nearby(endpoint: Endpoint, withNode: boolean): Endpoint {
  const { zone, nodeName } = endpoint;
  if (!isReady(endpoint)) return endpoint;
  const hints = {
    ...(zone ? { forZones: [{ name: zone }] } : {}),
    ...(withNode && nodeName ? { forNodes: [{ name: nodeName }] } : {}),
  };
  return Object.keys(hints).length > 0 ? { ...endpoint, hints } : endpoint;
}

function sharedOut(endpoints: readonly Endpoint[], shares: ReadonlyMap<string, number> | undefined): Hinted {
  const ready = endpoints.filter(isReady);
  const problem = whyNot(ready, shares);
  if (problem !== undefined || !shares) return { endpoints: [...endpoints], problem: problem ?? '' };
  const counts = new Map<string, number>();
  for (const { zone = '' } of ready) counts.set(zone, (counts.get(zone) ?? 0) + 1);
  const { giving, receiving } = moves(counts, shares, ready.length);
  const hinted = endpoints.map((endpoint) => {
    if (!isReady(endpoint)) return endpoint;
    const zone = endpoint.zone ?? '';
    const to = (giving.get(zone) ?? 0) > 0 ? [...receiving].find(([, count]) => count > 0)?.[0] : undefined;
    if (to !== undefined) {
      giving.set(zone, (giving.get(zone) ?? 0) - 1);
      receiving.set(to, (receiving.get(to) ?? 0) - 1);
    }
    return { ...endpoint, hints: { forZones: [{ name: to ?? zone }] } };
  });
  return { endpoints: hinted };
}

/** The least number of endpoints a zone needs so that none bears too much. */
const least = (share: number, count: number): number => Math.ceil(share * count * (1 / (1 + OVERLOAD)));

function whyNot(ready: readonly Endpoint[], shares: ReadonlyMap<string, number> | undefined): string | undefined {
  if (!shares) {
    return 'Insufficient Node information: allocatable CPU or zone not specified on one or more nodes';
  }
  const size = `(${ready.length} endpoints, ${shares.size} zones)`;
  if (shares.size > ready.length) return `Insufficient number of endpoints ${size}`;
  const needed = [...shares.values()].reduce((sum, share) => sum + least(share, ready.length), 0);
  if (needed > ready.length) {
    return `Unable to allocate minimum required endpoints to each zone without exceeding overload threshold ${size}`;
  }
  return ready.some(({ zone }) => !zone) ? 'One or more endpoints do not have a zone specified' : undefined;
}

interface Moves {
  giving: Map<string, number>;
  receiving: Map<string, number>;
}

/** How many endpoints each zone lends and borrows. */
function moves(counts: ReadonlyMap<string, number>, shares: ReadonlyMap<string, number>, total: number): Moves {
  const surplus = new Map<string, number>();
  const lack = new Map<string, number>();
  for (const [zone, share] of shares) {
    const wanted = Math.max(share * total, least(share, total));
    const has = counts.get(zone) ?? 0;
    if (has > wanted) surplus.set(zone, has - wanted);
    else if (has < wanted) lack.set(zone, wanted - has);
  }
  const result: Moves = { giving: new Map(), receiving: new Map() };
  for (;;) {
    const [from, most] = greatest(surplus);
    const [to, least] = greatest(lack);
    if (from === undefined || to === undefined) break;
    if ((most < 1 && least < 1) || most < 0.5 || least < 0.5) break;
    result.giving.set(from, (result.giving.get(from) ?? 0) + 1);
    result.receiving.set(to, (result.receiving.get(to) ?? 0) + 1);
    surplus.set(from, most - 1);
    lack.set(to, least - 1);
  }
  return result;
}

function greatest(amounts: ReadonlyMap<string, number>): [zone: string | undefined, amount: number] {
  let found: [string | undefined, number] = [undefined, 0];
  for (const [zone, amount] of amounts) if (amount > found[1]) found = [zone, amount];
  return found;
}
