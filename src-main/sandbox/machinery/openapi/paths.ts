/** `paths` of an OpenAPI v3 document: an operation for every verb of every resource and subresource. */
import { groupVersionPath } from '#common/kube/resource';
import type { BuiltInResource, BuiltInSubresource } from '../schema';
import type { OperationParameters } from './parameters';
import { PATCH_SCHEMA, reference, type JsonSchema } from './schemas';

/** What a path item is about: the resource itself, or one of its subresources. */
export interface Endpoint {
  readonly resource: BuiltInResource;
  readonly subresource?: BuiltInSubresource;
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  /** OpenAPI names of the kind and, for collections, of its list. */
  readonly type: string;
  readonly listType?: string;
  readonly parameters: OperationParameters;
}

export type PathItem = Record<string, unknown>;

const META = 'io.k8s.apimachinery.pkg.apis.meta.v1.';

/** Types that operations speak of, besides those of their kinds. */
export const OPERATION_TYPES = [`${META}DeleteOptions`, `${META}Status`, `${META}APIResourceList`, `${META}WatchEvent`];

const RESPONSE_TYPES = ['application/json', 'application/vnd.kubernetes.protobuf', 'application/yaml'];

export const PATCH_TYPES = [
  'application/apply-patch+yaml',
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
];

/** The paths of one endpoint. */
export function pathsOf(endpoint: Endpoint): Record<string, PathItem> {
  return endpoint.subresource ? subresourcePaths(endpoint, endpoint.subresource) : resourcePaths(endpoint);
}

function resourcePaths(endpoint: Endpoint): Record<string, PathItem> {
  const { resource } = endpoint;
  const collection = collectionPath(resource);
  const paths: Record<string, PathItem> = {};
  const onCollection = collectionItem(endpoint);
  if (onCollection) paths[collection] = onCollection;
  const onObject = objectItem(endpoint, resource.verbs);
  if (onObject) paths[`${collection}/{name}`] = onObject;
  if (resource.namespaced && resource.verbs.includes('list')) {
    paths[`${groupVersionPath(resource)}/${resource.plural}`] = {
      get: listOperation(endpoint, true),
      parameters: [...endpoint.parameters.list, endpoint.parameters.pretty],
    };
  }
  return paths;
}

function subresourcePaths(endpoint: Endpoint, { name, verbs }: BuiltInSubresource): Record<string, PathItem> {
  const path = `${collectionPath(endpoint.resource)}/{name}/${name}`;
  const item = objectItem(endpoint, verbs) ?? {};
  if (verbs.includes('create')) item['post'] = writeOperation(endpoint, 'post');
  return { [path]: { ...item, parameters: pathParameters(endpoint, true) } };
}

function collectionPath(resource: BuiltInResource): string {
  return `${groupVersionPath(resource)}${resource.namespaced ? '/namespaces/{namespace}' : ''}/${resource.plural}`;
}

function collectionItem(endpoint: Endpoint): PathItem | undefined {
  const { verbs } = endpoint.resource;
  const item: PathItem = {};
  if (verbs.includes('list')) item['get'] = listOperation(endpoint, false);
  if (verbs.includes('create')) item['post'] = writeOperation(endpoint, 'post');
  if (verbs.includes('deletecollection')) item['delete'] = deleteOperation(endpoint, true);
  if (Object.keys(item).length === 0) return undefined;
  return { ...item, parameters: pathParameters(endpoint, false) };
}

function objectItem(endpoint: Endpoint, verbs: readonly string[]): PathItem | undefined {
  const item: PathItem = {};
  if (verbs.includes('get')) item['get'] = readOperation(endpoint);
  if (verbs.includes('update')) item['put'] = writeOperation(endpoint, 'put');
  if (verbs.includes('patch')) item['patch'] = patchOperation(endpoint);
  if (verbs.includes('delete')) item['delete'] = deleteOperation(endpoint, false);
  if (Object.keys(item).length === 0) return undefined;
  return { ...item, parameters: pathParameters(endpoint, true) };
}

function pathParameters({ resource, kind, parameters }: Endpoint, hasName: boolean): JsonSchema[] {
  const required = (name: string, description: string): JsonSchema => ({
    name,
    in: 'path',
    required: true,
    description,
    schema: { type: 'string', uniqueItems: true },
  });
  return [
    ...(hasName ? [required('name', `name of the ${kind}`)] : []),
    ...(resource.namespaced
      ? [required('namespace', 'object name and auth scope, such as for teams and projects')]
      : []),
    parameters.pretty,
  ];
}

interface Action {
  /** As `x-kubernetes-action` has it. */
  action: string;
  /** Begins the operation's id. */
  verb: string;
  /** What it says it does, before `the specified Pod` or the like. */
  phrase: string;
}

function operation(endpoint: Endpoint, { action, verb, phrase }: Action, rest: JsonSchema): JsonSchema {
  const { group, version, kind } = endpoint;
  return {
    description: `${phrase}${kind}`,
    operationId: operationId(endpoint, verb),
    tags: [tagOf(endpoint.resource)],
    ...rest,
    'x-kubernetes-action': action,
    'x-kubernetes-group-version-kind': { group, version, kind },
  };
}

/** `read the specified `, `replace status of the specified `. */
function onSpecified(verb: string, { subresource }: Endpoint): string {
  return `${verb} ${subresource ? `${subresource.name} of ` : ''}the specified `;
}

/** `create a `, `create eviction of a `; plurals have no article. */
function onOne(verb: string, { subresource, kind }: Endpoint): string {
  const isPlural = kind.endsWith('s') && !kind.endsWith('ss');
  const article = isPlural ? '' : /^[AEIOU]/.test(kind) ? 'an ' : 'a ';
  return `${verb} ${subresource ? `${subresource.name} of ` : ''}${article}`;
}

function readOperation(endpoint: Endpoint): JsonSchema {
  const phrase = onSpecified('read', endpoint);
  return operation(endpoint, { action: 'get', verb: 'read', phrase }, { responses: responses(endpoint.type) });
}

function listOperation(endpoint: Endpoint, everywhere: boolean): JsonSchema {
  const action = { action: 'list', verb: 'list', phrase: 'list or watch objects of kind ' };
  const made = operation(endpoint, action, {
    ...(everywhere ? {} : { parameters: endpoint.parameters.list }),
    responses: responses(endpoint.listType ?? endpoint.type),
  });
  return everywhere ? { ...made, operationId: `${operationId(endpoint, 'list', false)}ForAllNamespaces` } : made;
}

function writeOperation(endpoint: Endpoint, method: 'post' | 'put'): JsonSchema {
  const action =
    method === 'post'
      ? { action: method, verb: 'create', phrase: onOne('create', endpoint) }
      : { action: method, verb: 'replace', phrase: onSpecified('replace', endpoint) };
  return operation(endpoint, action, {
    parameters: method === 'post' ? endpoint.parameters.create : endpoint.parameters.update,
    requestBody: { content: { '*/*': { schema: reference(endpoint.type) } }, required: true },
    responses: responses(endpoint.type, method === 'post' ? ['200', '201', '202'] : ['200', '201']),
  });
}

function patchOperation(endpoint: Endpoint): JsonSchema {
  const content = Object.fromEntries(PATCH_TYPES.map((type) => [type, { schema: reference(PATCH_SCHEMA) }]));
  const phrase = onSpecified('partially update', endpoint);
  return operation(
    endpoint,
    { action: 'patch', verb: 'patch', phrase },
    {
      parameters: endpoint.parameters.patch,
      requestBody: { content, required: true },
      responses: responses(endpoint.type, ['200', '201']),
    },
  );
}

function deleteOperation(endpoint: Endpoint, all: boolean): JsonSchema {
  const { parameters } = endpoint;
  const action = all
    ? { action: 'deletecollection', verb: 'deleteCollection', phrase: 'delete collection of ' }
    : { action: 'delete', verb: 'delete', phrase: onOne('delete', endpoint) };
  return operation(endpoint, action, {
    parameters: all ? parameters.deleteCollection : parameters.delete,
    requestBody: { content: { '*/*': { schema: reference(`${META}DeleteOptions`) } } },
    responses: all ? responses(`${META}Status`) : responses(deletedType(endpoint), ['200', '202']),
  });
}

const RETURNED_WHEN_DELETED: Readonly<Record<string, RegExp>> = {
  '': /^(persistentvolume(claim)?s|pods|podtemplates|resourcequotas|serviceaccounts|services)$/,
  'resource.k8s.io': /./,
  'storage.k8s.io': /^(csidrivers|csinodes|storageclasses|volumeattachments|volumeattributesclasses)$/,
};

/** Some kinds answer with the object that was deleted, the others with a Status. */
function deletedType({ resource, type }: Endpoint): string {
  return RETURNED_WHEN_DELETED[resource.group]?.test(resource.plural) ? type : `${META}Status`;
}

const MEANING: Readonly<Record<string, string>> = { 200: 'OK', 201: 'Created', 202: 'Accepted' };

function responses(type: string, codes: readonly string[] = ['200']): JsonSchema {
  const content = Object.fromEntries(RESPONSE_TYPES.map((mediaType) => [mediaType, { schema: reference(type) }]));
  const good = codes.map((code) => [code, { description: MEANING[code], content }] as const);
  return { ...Object.fromEntries(good), 401: { description: 'Unauthorized' } };
}

/** `/apis/apps/v1/`: the list of resources. */
export function resourceListItem(group: string, version: string): PathItem {
  return {
    get: {
      description: 'get available resources',
      operationId: `get${groupName(group)}${capital(version)}APIResources`,
      tags: [tagOf({ group, version })],
      responses: responses(`${META}APIResourceList`),
    },
  };
}

/** `patchAppsV1NamespacedDeploymentScale`, `deleteCoreV1CollectionNamespacedPod`. */
function operationId({ resource, subresource }: Endpoint, verb: string, scoped = true): string {
  const { group, version, kind, namespaced } = resource;
  const isCollection = verb === 'deleteCollection';
  const scope = (isCollection ? 'Collection' : '') + (scoped && namespaced ? 'Namespaced' : '');
  const tail = subresource ? capital(subresource.name) : '';
  return `${isCollection ? 'delete' : verb}${groupName(group)}${capital(version)}${scope}${kind}${tail}`;
}

function groupName(group: string): string {
  const parts = group.replace(/\.k8s\.io$/, '').split('.');
  return group === '' ? 'Core' : parts.map(capital).join('');
}

const tagOf = ({ group, version }: { group: string; version: string }): string =>
  `${lowerFirst(groupName(group))}_${version}`;

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);
