import type { AnyObject } from '#common/kube/object';

/** What a namespace holds, comparable between clusters: what is made anew each time stands as a placeholder of its kind. */
export interface EndState {
  /** By kind and name. */
  objects: Record<string, unknown>;
  /** Pods that are alike, by name and what they are; `count` says how many. */
  pods: Record<string, { count: number; pod: unknown }>;
  /** How often `Kind name: Type reason (source) message` was said. */
  events: Record<string, number>;
}

export function endState(all: readonly AnyObject[], namespace: string): EndState {
  const name = namer(all, namespace);
  const of = (kind: string) => all.filter((object) => object.kind === kind);
  const rest = all.filter(({ kind }) => kind !== 'Pod' && kind !== 'Event');
  return {
    objects: Object.fromEntries(named(rest.map((object) => ordered(name(cleaned(object)) as AnyObject)))),
    pods: Object.fromEntries(grouped(of('Pod').map((pod) => name(cleanedPod(pod)) as AnyObject))),
    events: counted(of('Event').filter(isOfControllers), name),
  };
}

/** Letters of generated names and hashes. */
const SAFE = '[bcdfghjklmnpqrstvwxz2456789]';
const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
const TIME = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|([+-]\d\d:\d\d))/g;
const RANDOM = new RegExp(`-${SAFE}{5}(?![\\w-])`, 'g');
const UNKNOWN_HASH = new RegExp(`-${SAFE}{6,10}(?![\\w])`, 'g');
/** Jobs of a CronJob are named after the minute they are of. */
const MINUTE = /-\d{8}(?!\w)/g;
/** Which of a flow's nodes a Pod is on, or is for. */
const NODE = /<ns>-[a-z](?!\w)/g;
const CLUSTER_IP = /\b10\.96\.\d+\.\d+\b/g;
const POD_IP = /\b10\.244\.\d+\.\d+\b/g;

/** Names hashes after the revision they stand for, and everything else that is never the same twice. */
function namer(all: readonly AnyObject[], namespace: string): (part: unknown) => unknown {
  const hashes = hashesOf(all);
  const known = [...hashes].map(([hash, label]) => [new RegExp(`\\b${hash}\\b`, 'g'), label] as const);
  const text = (words: string): string => {
    let result = words.replaceAll(UUID, '<uid>').replaceAll(namespace, '<ns>');
    for (const [pattern, label] of known) result = result.replaceAll(pattern, label);
    return result
      .replaceAll(TIME, (_, zone: string | undefined) => `<time${zone ?? ''}>`)
      .replaceAll(MINUTE, '-<minute>')
      .replaceAll(UNKNOWN_HASH, '-<hash>')
      .replaceAll(RANDOM, '-<random>')
      .replaceAll(POD_IP, '<ip>')
      .replaceAll(CLUSTER_IP, '<cluster-ip>')
      .replaceAll(NODE, '<node>');
  };
  const value = (part: unknown): unknown => {
    if (typeof part === 'string') return text(part);
    if (Array.isArray(part)) return part.map(value);
    if (typeof part !== 'object' || part === null) return part;
    const entries = Object.entries(part).map(([key, inner]) => [text(key), PLACEHOLDERS[key] ?? value(inner)] as const);
    return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
  };
  return value;
}

/** Fields that say the same whatever they say. */
const PLACEHOLDERS: Readonly<Record<string, string>> = { resourceVersion: '<revision>', nodeName: '<node>' };

function hashesOf(all: readonly AnyObject[]): Map<string, string> {
  const hashes = new Map<string, string>();
  for (const object of all) {
    const { labels = {}, annotations = {}, name } = object.metadata;
    if (object.kind === 'ReplicaSet' && labels['pod-template-hash'])
      hashes.set(labels['pod-template-hash'], `<hash:${annotations['deployment.kubernetes.io/revision'] ?? ''}>`);
    if (object.kind === 'ControllerRevision')
      hashes.set(name.slice(name.lastIndexOf('-') + 1), `<hash:${String(object['revision'])}>`);
  }
  return hashes;
}

const NEW_EACH_TIME = ['uid', 'resourceVersion', 'managedFields', 'creationTimestamp', 'selfLink'];

function cleaned(object: AnyObject): AnyObject {
  const metadata = Object.fromEntries(Object.entries(object.metadata).filter(([key]) => !NEW_EACH_TIME.includes(key)));
  return { ...object, metadata: metadata as unknown as AnyObject['metadata'] };
}

/** Endpoints of a slice stand in no order. */
function ordered(object: AnyObject): AnyObject {
  const { endpoints } = object;
  if (object.kind !== 'EndpointSlice' || !Array.isArray(endpoints)) return object;
  const texts = endpoints.map((endpoint) => JSON.stringify(endpoint)).sort();
  return { ...object, endpoints: texts.map((text) => JSON.parse(text) as unknown) };
}

/** A Pod as controllers see it: where it runs and what its containers say is not their doing. */
function cleanedPod(pod: AnyObject): AnyObject {
  const { metadata, spec, status, ...rest } = cleaned(pod);
  const { nodeName, ...wanted } = spec as Record<string, unknown>;
  const { phase, conditions = [], reason, message } = status as Record<string, unknown>;
  const byType = (conditions as { type: string }[]).toSorted((a, b) => (a.type < b.type ? -1 : 1));
  return {
    ...rest,
    metadata,
    spec: { ...wanted, ...(nodeName ? { nodeName: '<node>' } : {}) },
    status: { phase, conditions: byType, reason, message },
  };
}

/** Several of one normalised name are numbered in the order of their content. */
function named(objects: readonly AnyObject[]): [string, unknown][] {
  const groups = new Map<string, string[]>();
  for (const object of objects) {
    const key = `${object.kind} ${object.metadata.name}`;
    groups.set(key, [...(groups.get(key) ?? []), JSON.stringify(object)]);
  }
  return [...groups].flatMap(([key, texts]) =>
    texts
      .sort()
      .map((content, at): [string, unknown] => [texts.length > 1 ? `${key} #${at + 1}` : key, JSON.parse(content)]),
  );
}

function grouped(pods: readonly AnyObject[]): [string, { count: number; pod: unknown }][] {
  const counts = new Map<string, { count: number; name: string }>();
  for (const pod of pods) {
    const content = JSON.stringify(pod);
    const known = counts.get(content);
    counts.set(content, { count: (known?.count ?? 0) + 1, name: `${pod.metadata.name} ${stateOf(pod)}` });
  }
  const byName = new Map<string, { count: number; pod: unknown }[]>();
  for (const [content, { count, name }] of [...counts].sort(([a], [b]) => (a < b ? -1 : 1)))
    byName.set(name, [...(byName.get(name) ?? []), { count, pod: JSON.parse(content) }]);
  return [...byName].flatMap(([name, kinds]) =>
    kinds.map((kind, at): [string, { count: number; pod: unknown }] => [
      kinds.length > 1 ? `${name} #${at + 1}` : name,
      kind,
    ]),
  );
}

/** `Running ready`, so that a difference names what it is about. */
function stateOf({ metadata, status }: AnyObject): string {
  const { phase, conditions = [] } = (status ?? {}) as {
    phase?: string;
    conditions?: { type: string; status: string }[];
  };
  const isReady = conditions.some(({ type, status: holds }) => type === 'Ready' && holds === 'True');
  return [phase, isReady ? 'ready' : '', metadata.deletionTimestamp ? 'ending' : ''].filter(Boolean).join(' ');
}

/** The scheduler's and the kubelets' events are compared elsewhere. */
function isOfControllers(event: AnyObject): boolean {
  const source = sourceOf(event);
  return !source.includes('scheduler') && source !== 'kubelet' && !source.startsWith('kwok');
}

const sourceOf = (event: AnyObject): string =>
  (event['source'] as { component?: string } | undefined)?.component || String(event['reportingComponent'] ?? '');

function counted(events: readonly AnyObject[], name: (part: unknown) => unknown): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const event of events) {
    const { kind, name: about } = event['involvedObject'] as { kind: string; name: string };
    const { type, reason, message, count = 1 } = event as unknown as Record<string, string> & { count?: number };
    const line = String(name(`${kind} ${about}: ${type} ${reason} (${sourceOf(event)}) ${message}`));
    counts[line] = (counts[line] ?? 0) + (count || 1);
  }
  return Object.fromEntries(Object.entries(counts).sort(([a], [b]) => (a < b ? -1 : 1)));
}
