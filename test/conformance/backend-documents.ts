/** What the server of `backend.ts` says about itself. */

export const MODERN_GROUP = 'modern.aggregation.test';
export const OLD_GROUP = 'old.aggregation.test';

interface GroupVersion {
  group: string;
  version: string;
}

/** Legacy discovery of any version of any group. */
export const resourceList = ({ group, version }: GroupVersion): object => ({
  kind: 'APIResourceList',
  apiVersion: 'v1',
  groupVersion: `${group}/${version}`,
  resources: [
    {
      name: 'widgets',
      singularName: 'widget',
      namespaced: true,
      kind: 'Widget',
      verbs: ['create', 'delete', 'get', 'list', 'watch'],
      shortNames: ['wi'],
      categories: ['all'],
    },
    { name: 'widgets/parts', singularName: '', namespaced: true, group, version, kind: 'Part', verbs: ['get'] },
    { name: 'makers', singularName: 'maker', namespaced: false, kind: 'Maker', verbs: ['get', 'list'] },
  ],
});

const responseKind = (kind: string, version: string) => ({ group: MODERN_GROUP, version, kind });

/** Aggregated discovery. Of `v2` it tells nothing, though it serves it. */
export const backendDiscovery: object = {
  kind: 'APIGroupDiscoveryList',
  apiVersion: 'apidiscovery.k8s.io/v2',
  metadata: {},
  items: [
    {
      metadata: { name: MODERN_GROUP },
      versions: [
        {
          version: 'v1',
          freshness: 'Current',
          resources: [
            {
              resource: 'gadgets',
              responseKind: responseKind('Gadget', 'v1'),
              scope: 'Namespaced',
              singularResource: 'gadget',
              verbs: ['get', 'list'],
              subresources: [{ subresource: 'status', responseKind: responseKind('Gadget', 'v1'), verbs: ['get'] }],
            },
            { resource: 'kindless', scope: 'Cluster', singularResource: 'kindless', verbs: ['get'] },
          ],
        },
        { version: 'v1alpha1', freshness: 'Current', resources: [] },
      ],
    },
  ],
};

const operation = (id: string, group: string, ref: string) => ({
  operationId: id,
  description: `read a ${id}`,
  produces: ['application/json'],
  responses: { 200: { description: 'OK', schema: { $ref: ref } } },
  'x-kubernetes-group-version-kind': { group, version: 'v1', kind: 'Gadget' },
});

const OBJECT_META = 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta';

/** One of its definitions is called like another of the API server's own. */
function swagger(group: string): object {
  const definitions = '#/definitions/';
  return {
    swagger: '2.0',
    info: { title: 'backend', version: 'unversioned' },
    paths: {
      [`/apis/${group}/v1/`]: { get: operation('getResources', group, `${definitions}test.aggregation.${group}.List`) },
      [`/apis/${group}/v1/gadgets/{name}`]: {
        get: operation('readGadget', group, `${definitions}test.aggregation.${group}.Gadget`),
        parameters: [{ name: 'name', in: 'path', type: 'string', required: true, uniqueItems: true }],
      },
      '/apis/': { get: operation('getAPIVersions', group, `${definitions}test.aggregation.${group}.List`) },
      '/elsewhere': { get: operation('elsewhere', group, `${definitions}test.aggregation.${group}.Unused`) },
    },
    definitions: {
      [`test.aggregation.${group}.Gadget`]: {
        type: 'object',
        properties: { metadata: { $ref: `${definitions}${OBJECT_META}` }, size: { type: 'integer', format: 'int32' } },
        'x-kubernetes-group-version-kind': [{ group, version: 'v1', kind: 'Gadget' }],
      },
      [`test.aggregation.${group}.List`]: {
        type: 'object',
        properties: { items: { type: 'array', items: { $ref: `${definitions}test.aggregation.${group}.Gadget` } } },
      },
      [`test.aggregation.${group}.Unused`]: { type: 'object' },
      [OBJECT_META]: { type: 'object', description: 'of its own', properties: { color: { type: 'string' } } },
    },
  };
}

const openApiV3: Readonly<Record<string, object>> = {
  '/openapi/v3': {
    paths: { [`apis/${MODERN_GROUP}/v1`]: { serverRelativeURL: `/openapi/v3/apis/${MODERN_GROUP}/v1?hash=AB12` } },
  },
  [`/openapi/v3/apis/${MODERN_GROUP}/v1`]: {
    openapi: '3.0.0',
    info: { title: 'backend', version: 'unversioned' },
    paths: { [`/apis/${MODERN_GROUP}/v1/`]: { get: { operationId: 'getResources' } } },
    components: { schemas: { Gadget: { type: 'object' } } },
  },
};

export function backendOpenApi(service: string, path: string): object | undefined {
  if (service === 'modern') return path === '/openapi/v2' ? swagger(MODERN_GROUP) : openApiV3[path];
  return service === 'old' && path === '/openapi/v2' ? swagger(OLD_GROUP) : undefined;
}
