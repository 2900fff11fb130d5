/**
 * OpenAPI v3 documents of the built-in group versions, as `kubectl explain`, `apply`, `create`, `diff` and `edit` read them.
 * Nothing is kept here: the caller keeps the text it serves.
 */
import { apiVersionOf, groupVersionPath } from '#common/kube/resource';
import { builtInResources, schemaOf, type BuiltInResource, type BuiltInSubresource, type TypeSchema } from '../schema';
import { loadDescriptions, type Descriptions } from './descriptions';
import { operationParameters, type OperationParameters } from './parameters';
import { OPERATION_TYPES, pathsOf, resourceListItem, type Endpoint, type PathItem } from './paths';
import { SchemaCollector, type JsonSchema } from './schemas';

export interface GroupVersion {
  group: string;
  version: string;
}

export interface OpenApiDocument {
  openapi: '3.0.0';
  info: { title: string; version: string };
  paths: Record<string, PathItem>;
  components: { schemas: Record<string, JsonSchema> };
}

/** Every built-in group version that has a document, in discovery's order. */
export function openApiGroupVersions(): GroupVersion[] {
  const seen = new Map<string, GroupVersion>();
  for (const { group, version } of builtInResources()) seen.set(`${group}/${version}`, { group, version });
  return [...seen.values()];
}

/** `api/v1`, `apis/apps/v1`: the document's path below `/openapi/v3`, and its key in the index. */
export function openApiPath(groupVersion: GroupVersion): string {
  return groupVersionPath(groupVersion).slice(1);
}

/** Undefined for a group version that is not built in. */
export async function openApiDocument(groupVersion: GroupVersion): Promise<OpenApiDocument | undefined> {
  const resources = builtInResources().filter((resource) => apiVersionOf(resource) === apiVersionOf(groupVersion));
  if (resources.length === 0) return undefined;
  return build([groupVersion], resources, await loadDescriptions());
}

/** Every built-in group version in one document. */
export async function openApiOfAll(): Promise<OpenApiDocument> {
  return build(openApiGroupVersions(), builtInResources(), await loadDescriptions());
}

function build(
  homes: readonly GroupVersion[],
  resources: readonly BuiltInResource[],
  descriptions: Descriptions,
): OpenApiDocument {
  const parameters = operationParameters(descriptions);
  const endpoints = resources.flatMap((resource) => endpointsOf(resource, parameters));
  const collector = new SchemaCollector(descriptions, homes);
  for (const name of OPERATION_TYPES) collector.add(name);
  const paths: Record<string, PathItem> = Object.fromEntries(
    homes.map((home) => [`${groupVersionPath(home)}/`, resourceListItem(home.group, home.version)]),
  );
  for (const endpoint of endpoints) {
    collector.add(endpoint.type);
    if (endpoint.listType) collector.add(endpoint.listType);
    Object.assign(paths, pathsOf(endpoint));
  }
  return {
    openapi: '3.0.0',
    info: { title: 'Kubernetes', version: 'unversioned' },
    paths: sortKeys(paths),
    components: { schemas: sortKeys(collector.schemas) },
  };
}

/** Documents list their parts by name. */
export function sortKeys<T>(record: Record<string, T>): Record<string, T> {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** A resource and those of its subresources that carry a kind with a schema (`exec` and `log` carry streams). */
function endpointsOf(resource: BuiltInResource, parameters: OperationParameters): Endpoint[] {
  const type = schemaOf(resource);
  if (!type) return [];
  const list = schemaOf({ ...resource, kind: `${resource.kind}List` });
  const own: Endpoint = {
    resource,
    group: resource.group,
    version: resource.version,
    kind: resource.kind,
    type: type.name,
    ...(list ? { listType: list.name } : {}),
    parameters,
  };
  const parts = (resource.subresources ?? []).flatMap((subresource) => subresourceEndpoint(own, subresource));
  return [own, ...parts];
}

const STREAMS = new Set(['attach', 'exec', 'log', 'portforward', 'proxy']);

function subresourceEndpoint({ resource, parameters }: Endpoint, subresource: BuiltInSubresource): Endpoint[] {
  if (STREAMS.has(subresource.name)) return [];
  const group = subresource.group || resource.group;
  const version = subresource.version || resource.version;
  const { kind } = subresource;
  const type: TypeSchema | undefined = schemaOf({ group, version, kind });
  return type ? [{ resource, subresource, group, version, kind, type: type.name, parameters }] : [];
}
