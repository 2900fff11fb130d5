/** How endpoints are laid into EndpointSlices so that as few as possible are written. Pure. */
import type { DiscoveryV1EndpointPort, Endpoint, EndpointSlice } from '#common/kube/types';
import { sameJson } from '../runtime/same-json';

/** The most endpoints of one slice (--max-endpoints-per-slice). */
const MAX_ENDPOINTS = 100;

/** Endpoints that serve the same ports. */
export interface EndpointGroup {
  ports: DiscoveryV1EndpointPort[];
  endpoints: Endpoint[];
}

/** A slice as it should be: one that exists, or a new one. */
export interface SliceLayout {
  slice: EndpointSlice | undefined;
  ports: DiscoveryV1EndpointPort[];
  endpoints: Endpoint[];
}

export interface SlicePlan {
  layouts: SliceLayout[];
  remove: EndpointSlice[];
}

/**
 * Endpoints stay in the slices they are in. New ones go into slices that change anyway, the fullest first, then into one
 * that has just enough room, then into new slices. A Service without endpoints keeps one empty slice.
 */
export function planSlices(
  current: readonly EndpointSlice[],
  wanted: readonly EndpointGroup[],
  max = MAX_ENDPOINTS,
): SlicePlan {
  const free = new Set(current);
  const layouts: SliceLayout[] = [];
  for (const group of wanted) {
    const own = current.filter(({ ports }) => portsKey(ports ?? []) === portsKey(group.ports));
    for (const slice of own) free.delete(slice);
    const { kept, emptied } = layOut(own, group, max);
    layouts.push(...kept);
    for (const slice of emptied) free.add(slice);
  }
  if (layouts.length === 0) layouts.push({ slice: placeholderAmong(free), ports: [], endpoints: [] });
  // What is not needed any more takes in what would be new.
  const remove = [...free].filter((slice) => layouts.every((layout) => layout.slice !== slice));
  for (const layout of layouts.toReversed()) layout.slice ??= remove.shift();
  return { layouts, remove };
}

function placeholderAmong(slices: Iterable<EndpointSlice>): EndpointSlice | undefined {
  return [...slices].find(({ endpoints, ports }) => !endpoints?.length && !ports?.length);
}

interface Placed {
  kept: SliceLayout[];
  emptied: EndpointSlice[];
}

function layOut(own: readonly EndpointSlice[], { ports, endpoints }: EndpointGroup, max: number): Placed {
  const waiting = new Map(endpoints.map((endpoint) => [identityOf(endpoint), endpoint]));
  const changed: SliceLayout[] = [];
  const unchanged: SliceLayout[] = [];
  const emptied: EndpointSlice[] = [];
  for (const slice of own) {
    const before = slice.endpoints ?? [];
    const kept = before.flatMap((endpoint) => take(waiting, identityOf(endpoint)));
    const isSame = kept.length === before.length && kept.every((one, at) => sameButHints(one, before[at]));
    if (isSame) unchanged.push({ slice, ports, endpoints: kept });
    else if (kept.length > 0) changed.push({ slice, ports, endpoints: kept });
    else emptied.push(slice);
  }
  const left = [...waiting.values()];
  for (const layout of changed.toSorted((one, other) => other.endpoints.length - one.endpoints.length)) {
    layout.endpoints.push(...left.splice(0, max - layout.endpoints.length));
  }
  const fresh: SliceLayout[] = [];
  while (left.length > 0) {
    const roomy = left.length < max ? tightest(unchanged, left.length, max) : undefined;
    const layout = roomy ?? { slice: undefined, ports, endpoints: [] };
    if (!roomy) fresh.push(layout);
    layout.endpoints.push(...left.splice(0, max - layout.endpoints.length));
  }
  return { kept: [...unchanged, ...changed, ...fresh], emptied };
}

function take<V>(map: Map<string, V>, key: string): V[] {
  const value = map.get(key);
  map.delete(key);
  return value === undefined ? [] : [value];
}

/** The layout that is fullest with `count` more. */
function tightest(layouts: readonly SliceLayout[], count: number, max: number): SliceLayout | undefined {
  const roomy = layouts.filter(({ endpoints }) => endpoints.length + count <= max);
  return roomy.toSorted((one, other) => other.endpoints.length - one.endpoints.length)[0];
}

const sameButHints = (left: Endpoint, right: Endpoint | undefined): boolean =>
  sameJson({ ...left, hints: undefined }, { ...right, hints: undefined });

/** Two endpoints are the same one when they have the same addresses and stand for the same object. */
function identityOf({ addresses, hostname, targetRef }: Endpoint): string {
  return JSON.stringify([addresses.toSorted(), hostname, targetRef?.namespace, targetRef?.name]);
}

export function portsKey(ports: readonly DiscoveryV1EndpointPort[]): string {
  const texts = ports.map(({ name, port, protocol, appProtocol }) =>
    JSON.stringify([name, port, protocol, appProtocol]),
  );
  return texts.toSorted().join();
}
