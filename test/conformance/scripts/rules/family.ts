/** Exchanges about the rules of one kind, as data: an object that is right and what is changed about it. */
import type { Exchange, Script } from '../../exchange';

export interface KindPath {
  group: string;
  version: string;
  plural: string;
  kind: string;
  namespaced?: boolean;
}

export type Fields = Record<string, unknown>;
/** By the names of the exchanges: what a JSON merge patch would change. */
export type Cases = Readonly<Record<string, Fields>>;

const MERGE_PATCH = 'application/merge-patch+json';
const STRATEGIC_PATCH = 'application/strategic-merge-patch+json';
const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json';

export function rules(name: string, { group, kind }: KindPath, exchanges: readonly Exchange[]): Script {
  const names = new Set<string>();
  // The answer of a second exchange of one name would stand in place of the first one's.
  for (const exchange of exchanges) {
    if (names.has(exchange.name)) throw new Error(`rules/${name}: two exchanges are called ${exchange.name}`);
    names.add(exchange.name);
  }
  return { name: `rules/${name}`, group, kind, exchanges };
}

export function collectionOf({ group, version, plural, namespaced = true }: KindPath): string {
  return `${group ? `/apis/${group}` : '/api'}/${version}${namespaced ? '/namespaces/{ns}' : ''}/${plural}`;
}

/** Each case is created in a dry run, so that neither server keeps what the other refuses. */
export function tries(path: KindPath, base: Fields, cases: Cases): Exchange[] {
  return Object.entries(cases).map(([name, change]) => ({
    name,
    request: `POST ${collectionOf(path)}?dryRun=All`,
    body: whole(path, 'tried', merged(base, change)),
    counts: { verb: 'create', detail: 'rules' },
  }));
}

/** An object that stays, for what comes after. */
export function made(path: KindPath, name: string, object: Fields): Exchange {
  return {
    name: `make-${name.replaceAll('{ns}-', '')}`,
    request: `POST ${collectionOf(path)}`,
    body: whole(path, name, object),
    counts: { verb: 'create', detail: 'least' },
  };
}

/** Each case is patched into an object that is there, in a dry run. */
export function changes(path: KindPath, name: string, cases: Cases): Exchange[] {
  return patches(path, name, cases, { query: '?dryRun=All', detail: 'rules of updates' });
}

/** Each case is patched into the status, and stays. */
export function statuses(path: KindPath, name: string, cases: Cases): Exchange[] {
  const wrapped = Object.entries(cases).map(([exchange, status]) => [exchange, { status }] as const);
  return patches(path, `${name}/status`, Object.fromEntries(wrapped), { detail: 'status' });
}

/** As `statuses`, in a dry run. */
export function statusTries(path: KindPath, name: string, cases: Cases): Exchange[] {
  const wrapped = Object.entries(cases).map(([exchange, status]) => [exchange, { status }] as const);
  return patches(path, `${name}/status`, Object.fromEntries(wrapped), { query: '?dryRun=All', detail: 'status rules' });
}

/** Strategic merge patches, in a dry run: lists are merged by their keys. */
export function merges(path: KindPath, name: string, cases: Cases): Exchange[] {
  return patches(path, name, cases, { query: '?dryRun=All', type: STRATEGIC_PATCH, detail: 'strategic-merge-patch' });
}

interface PatchKind {
  query?: string;
  type?: string;
  detail: string;
}

export function patches(path: KindPath, name: string, cases: Cases, kind: PatchKind): Exchange[] {
  const { query = '', type = MERGE_PATCH, detail } = kind;
  return Object.entries(cases).map(([exchange, body]) => ({
    name: exchange,
    request: `PATCH ${collectionOf(path)}/${name}${query}`,
    type,
    body,
    counts: { verb: 'patch', detail },
  }));
}

/** The object as a row, after each state was set through `status`. */
export function printed(path: KindPath, name: string, states: Cases): Exchange[] {
  return Object.entries(states).flatMap(([state, status]) => [
    ...statuses(path, name, { [`set-${state}`]: status }),
    row(path, name, `row-${state}`),
  ]);
}

export function row(path: KindPath, name: string, exchange: string): Exchange {
  return {
    name: `${exchange}-table`,
    request: `GET ${collectionOf(path)}/${name}`,
    accept: TABLE,
    counts: { verb: 'get', detail: 'Table' },
  };
}

export function got(path: KindPath, name: string, exchange: string): Exchange {
  return { name: exchange, request: `GET ${collectionOf(path)}/${name}`, counts: { verb: 'get' } };
}

export function removed(path: KindPath, ...names: string[]): Exchange[] {
  return names.map((name) => ({
    name: `remove-${name.replaceAll('{ns}-', '')}`,
    request: `DELETE ${collectionOf(path)}/${name}?gracePeriodSeconds=0`,
    counts: { verb: 'delete' },
  }));
}

/** One list for each field selector; labels that the kind does not know are among them. */
export function selections(path: KindPath, ...selectors: string[]): Exchange[] {
  const further = path.namespaced === false ? [] : ['metadata.namespace!={ns}', 'status.phase=Active'];
  return [...selectors, 'spec.nothing=1', 'metadata.uid=1', ...further].map((selector, at) => ({
    name: `select-${at}`,
    request: `GET ${collectionOf(path)}?fieldSelector=${encodeURIComponent(selector).replaceAll('%7Bns%7D', '{ns}')}`,
    counts: { verb: 'list', detail: 'fields' },
  }));
}

export function whole({ group, version, kind }: KindPath, name: string, object: Fields): Fields {
  const { metadata, ...rest } = object;
  const apiVersion = group ? `${group}/${version}` : version;
  return { apiVersion, kind, metadata: { name, ...(metadata as Fields | undefined) }, ...rest };
}

/** As a JSON merge patch does it: null takes a field away, lists are replaced. */
export function merged(base: Fields, change: Fields): Fields {
  const result: Fields = { ...base };
  for (const [key, value] of Object.entries(change)) {
    const before = result[key];
    if (value === null) delete result[key];
    else result[key] = isFields(value) && isFields(before) ? merged(before, value) : value;
  }
  return result;
}

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
