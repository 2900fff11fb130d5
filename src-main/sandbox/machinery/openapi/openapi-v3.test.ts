import { describe, expect, it } from 'vitest';
import { openApiDocument, openApiGroupVersions, openApiPath } from './openapi-v3';

const apps = (await openApiDocument({ group: 'apps', version: 'v1' }))!;
const core = (await openApiDocument({ group: '', version: 'v1' }))!;
const schemas = apps.components.schemas as Record<string, any>;

describe('openApiDocument', () => {
  it('exists for every built-in group version, and for no other', async () => {
    expect(openApiGroupVersions().map(openApiPath)).toContain('apis/apps/v1');
    expect(openApiPath({ group: '', version: 'v1' })).toBe('api/v1');
    expect(await openApiDocument({ group: 'example.com', version: 'v1' })).toBeUndefined();
  });

  it('names the values of fields that have only some', () => {
    const property = (type: string, field: string) => schemas[`io.k8s.api.${type}`].properties[field];
    expect(property('apps.v1.DeploymentStrategy', 'type')).toMatchObject({ enum: ['Recreate', 'RollingUpdate'] });
    expect(property('core.v1.PersistentVolumeClaimSpec', 'accessModes').items.enum).toEqual([
      'ReadOnlyMany',
      'ReadWriteMany',
      'ReadWriteOnce',
      'ReadWriteOncePod',
    ]);
    expect(property('apps.v1.DeploymentCondition', 'status').enum).toBeUndefined();
  });

  it('says of a kind what kubectl looks for', () => {
    expect(schemas['io.k8s.api.apps.v1.Deployment']['x-kubernetes-group-version-kind']).toEqual([
      { group: 'apps', version: 'v1', kind: 'Deployment' },
    ]);
    expect(schemas['io.k8s.api.apps.v1.DeploymentSpec']).toMatchObject({
      description: 'DeploymentSpec is the specification of the desired behavior of the Deployment.',
      required: ['selector', 'template'],
      properties: {
        replicas: { type: 'integer', format: 'int32' },
        strategy: {
          allOf: [{ $ref: '#/components/schemas/io.k8s.api.apps.v1.DeploymentStrategy' }],
          default: {},
          'x-kubernetes-patch-strategy': 'retainKeys',
        },
      },
    });
    expect(schemas['io.k8s.api.core.v1.PodSpec'].properties.volumes).toMatchObject({
      type: 'array',
      items: { allOf: [{ $ref: '#/components/schemas/io.k8s.api.core.v1.Volume' }], default: {} },
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['name'],
      'x-kubernetes-patch-merge-key': 'name',
      'x-kubernetes-patch-strategy': 'merge,retainKeys',
    });
  });

  it('lists what a PATCH takes: without it kubectl validates by itself, or merges the wrong way', () => {
    const { patch } = apps.paths['/apis/apps/v1/namespaces/{namespace}/deployments/{name}'] as any;
    expect(patch['x-kubernetes-group-version-kind']).toEqual({ group: 'apps', version: 'v1', kind: 'Deployment' });
    expect(patch['x-kubernetes-action']).toBe('patch');
    expect(patch.operationId).toBe('patchAppsV1NamespacedDeployment');
    expect(patch.parameters.map(({ name }: any) => name)).toEqual([
      'dryRun',
      'fieldManager',
      'fieldValidation',
      'force',
    ]);
    expect(Object.keys(patch.requestBody.content)).toEqual([
      'application/apply-patch+yaml',
      'application/json-patch+json',
      'application/merge-patch+json',
      'application/strategic-merge-patch+json',
    ]);
  });

  it('says of operations and their parameters what the release says', () => {
    const { get, post } = core.paths['/api/v1/namespaces/{namespace}/pods'] as any;
    expect([get.description, post.description]).toEqual(['list or watch objects of kind Pod', 'create a Pod']);
    const object = core.paths['/api/v1/namespaces/{namespace}/events/{name}'] as any;
    expect([object.delete.description, object.patch.description]).toEqual([
      'delete an Event',
      'partially update the specified Event',
    ]);
    const status = core.paths['/api/v1/namespaces/{namespace}/pods/{name}/status'] as any;
    expect(status.put.description).toBe('replace status of the specified Pod');
    expect(get.parameters.find(({ name }: any) => name === 'watch')).toEqual({
      name: 'watch',
      in: 'query',
      description:
        'Watch for changes to the described resources and return them as a stream of add, update, and remove notifications. Specify resourceVersion.',
      schema: { type: 'boolean', uniqueItems: true },
    });
  });

  it('has a path for collections, objects, all namespaces and subresources', () => {
    expect(Object.keys(apps.paths).filter((path) => path.includes('deployments'))).toEqual([
      '/apis/apps/v1/deployments',
      '/apis/apps/v1/namespaces/{namespace}/deployments',
      '/apis/apps/v1/namespaces/{namespace}/deployments/{name}',
      '/apis/apps/v1/namespaces/{namespace}/deployments/{name}/scale',
      '/apis/apps/v1/namespaces/{namespace}/deployments/{name}/status',
    ]);
    const { post } = core.paths['/api/v1/namespaces/{namespace}/pods/{name}/eviction'] as any;
    expect(post['x-kubernetes-group-version-kind']).toEqual({ group: 'policy', version: 'v1', kind: 'Eviction' });
  });

  it('refers to nothing that it does not hold', async () => {
    for (const groupVersion of openApiGroupVersions()) {
      const document = (await openApiDocument(groupVersion))!;
      const text = JSON.stringify(document);
      const names = new Set([...text.matchAll(/#\/components\/schemas\/([^"]+)/g)].map((match) => match[1]!));
      expect([...names].filter((name) => !document.components.schemas[name])).toEqual([]);
    }
  });
});
