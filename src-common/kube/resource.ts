/** Names one kind as the API serves it: group, version, plural path segment and kind. */
export interface Resource {
  /** Empty for the core group. */
  group: string;
  version: string;
  /** The path segment, lower-case plural: `pods`. */
  plural: string;
  kind: string;
  namespaced: boolean;
}

/** A Resource that knows the type of its objects; made with `resource<Pod>(…)`. */
export interface TypedResource<T> extends Resource {
  /** Never set: carries the type only. */
  readonly _object?: T;
}

export function resource<T>(spec: {
  group?: string;
  version?: string;
  plural: string;
  kind: string;
  namespaced?: boolean;
}): TypedResource<T> {
  return {
    group: spec.group ?? '',
    version: spec.version ?? 'v1',
    plural: spec.plural,
    kind: spec.kind,
    namespaced: spec.namespaced ?? true,
  };
}

/** `apps/v1`, or `v1` for the core group. */
export function apiVersionOf({ group, version }: { group: string; version: string }): string {
  return group ? `${group}/${version}` : version;
}

export function parseApiVersion(apiVersion: string): { group: string; version: string } {
  const slash = apiVersion.indexOf('/');
  return slash < 0
    ? { group: '', version: apiVersion }
    : { group: apiVersion.slice(0, slash), version: apiVersion.slice(slash + 1) };
}

/** The path of a group and version: `/api/v1`, `/apis/apps/v1`. */
export function groupVersionPath({ group, version }: { group: string; version: string }): string {
  return group ? `/apis/${group}/${version}` : `/api/${version}`;
}

export interface PathParts {
  namespace?: string | undefined;
  name?: string | undefined;
  subresource?: string | undefined;
}

/** The path of a collection, an object or a subresource; every segment is percent-encoded. */
export function resourcePath(resource: Resource, { namespace, name, subresource }: PathParts = {}): string {
  let path = groupVersionPath(resource);
  if (resource.namespaced && namespace) path += `/namespaces/${encodeURIComponent(namespace)}`;
  path += `/${resource.plural}`;
  if (name) path += `/${encodeURIComponent(name)}`;
  if (subresource) path += `/${subresource}`;
  return path;
}

/** `pods`, `deployments.apps`: how kubectl and error messages name a resource. */
export function groupResource({ group, plural }: { group: string; plural: string }): string {
  return group ? `${plural}.${group}` : plural;
}

/** Stable text for maps: `apps/v1/deployments`. */
export function resourceId({ group, version, plural }: { group: string; version: string; plural: string }): string {
  return `${group}/${version}/${plural}`;
}
