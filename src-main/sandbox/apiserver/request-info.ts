/** What a request is about, read from its method and path alone (apiserver's RequestInfo). */

export type Verb =
  | 'get'
  | 'list'
  | 'watch'
  | 'create'
  | 'update'
  | 'patch'
  | 'delete'
  | 'deletecollection'
  /** Non-resource requests carry their method. */
  | 'head'
  | 'post'
  | 'put'
  | 'options';

export interface RequestInfo {
  isResource: boolean;
  verb: Verb;
  /** `api` or `apis`; empty for other paths. */
  prefix: string;
  group: string;
  version: string;
  namespace: string;
  plural: string;
  name: string;
  subresource: string;
  /** What follows the subresource: the path that `proxy` asks for. */
  rest: string;
  path: string;
}

const VERBS: Readonly<Record<string, Verb>> = {
  GET: 'get',
  HEAD: 'get',
  POST: 'create',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
};

/** Subresources of a namespace; other words behind one are kinds inside of it. */
const NAMESPACE_SUBRESOURCES = new Set(['status', 'finalize']);

export function requestInfo(method: string, path: string, query: URLSearchParams): RequestInfo {
  const segments = path.split('/').filter((segment) => segment !== '');
  const info = nonResource(method, path);
  const [prefix = ''] = segments;
  const isCore = prefix === 'api';
  if (!isCore && prefix !== 'apis') return info;
  // `/api`, `/api/v1`, `/apis`, `/apis/apps`, `/apis/apps/v1` are discovery, not resources.
  const head = isCore ? 2 : 3;
  if (segments.length <= head) return { ...info, prefix };

  const parts = segments.slice(head).map(decodeSegment);
  info.isResource = true;
  info.prefix = prefix;
  info.group = isCore ? '' : (segments[1] ?? '');
  info.version = segments[head - 1] ?? '';
  info.verb = VERBS[method] ?? 'get';
  if (parts[0] === 'watch') {
    parts.shift();
    info.verb = 'watch';
  }
  place(info, parts);
  refineVerb(info, query);
  return info;
}

function nonResource(method: string, path: string): RequestInfo {
  const verb = method.toLowerCase() as Verb;
  return {
    isResource: false,
    verb,
    prefix: '',
    group: '',
    version: '',
    namespace: '',
    plural: '',
    name: '',
    subresource: '',
    rest: '',
    path,
  };
}

function place(info: RequestInfo, parts: string[]): void {
  const inNamespace = parts[0] === 'namespaces' && parts.length > 2 && !isNamespaceSubresource(parts);
  if (inNamespace) info.namespace = parts[1] ?? '';
  const [plural = '', name = '', subresource = '', ...rest] = inNamespace ? parts.slice(2) : parts;
  info.plural = plural;
  info.name = name;
  info.subresource = subresource;
  info.rest = rest.join('/');
  if (plural === 'namespaces') info.namespace = name;
}

const isNamespaceSubresource = (parts: readonly string[]): boolean =>
  parts.length === 3 && NAMESPACE_SUBRESOURCES.has(parts[2] ?? '');

function refineVerb(info: RequestInfo, query: URLSearchParams): void {
  if (info.name === '' && info.verb === 'get') info.verb = isTrue(query.get('watch')) ? 'watch' : 'list';
  if (info.name === '' && info.verb === 'delete') info.verb = 'deletecollection';
}

const LONG_RUNNING = new Set(['attach', 'exec', 'log', 'portforward', 'proxy']);

/** Watches and streams: they last as long as both sides like, and no deadline or limit counts them. */
export function isLongRunning({ verb, subresource }: RequestInfo): boolean {
  return verb === 'watch' || LONG_RUNNING.has(subresource);
}

/** As queries are read into options: whatever is there counts, unless it says `false` or `0`. */
export function isTrue(value: string | null): boolean {
  return value !== null && value !== '0' && value.toLowerCase() !== 'false';
}

function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
