import { describe, expect, it } from 'vitest';
import { swaggerDocument } from './openapi-v2';
import { swaggerCustomSchema } from './swagger-schemas';

const document = await swaggerDocument('1.36', []);
const definitions = document.definitions as Record<string, any>;

describe('swaggerDocument', () => {
  it('refers to nothing that it does not hold', () => {
    const text = JSON.stringify(document);
    const named = [...text.matchAll(/"#\/(definitions|parameters)\/([^"]+)"/g)];
    const missing = named.filter(([, part, name]) => !(document as any)[part!][name!]);
    expect(named.length).toBeGreaterThan(3000);
    expect(missing.map(([, , name]) => name)).toEqual([]);
    expect(text).not.toContain('/components/');
  });

  it('says how a patch merges, and nothing of defaults', () => {
    expect(definitions['io.k8s.api.core.v1.PodSpec'].properties.containers).toMatchObject({
      type: 'array',
      items: { $ref: '#/definitions/io.k8s.api.core.v1.Container' },
      'x-kubernetes-list-map-keys': ['name'],
      'x-kubernetes-patch-merge-key': 'name',
      'x-kubernetes-patch-strategy': 'merge',
    });
    expect(JSON.stringify(definitions)).not.toMatch(/"(default|allOf|oneOf)":[^{]/);
  });

  it('tells quantities and numbers-or-names as strings', () => {
    expect(definitions['io.k8s.apimachinery.pkg.util.intstr.IntOrString']).toMatchObject({
      type: 'string',
      format: 'int-or-string',
    });
    expect(definitions['io.k8s.apimachinery.pkg.api.resource.Quantity'].type).toBe('string');
  });

  it('lists DeleteOptions as a kind of every group', () => {
    const kinds = definitions['io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions']['x-kubernetes-group-version-kind'];
    expect(kinds).toContainEqual({ group: 'apps', kind: 'DeleteOptions', version: 'v1' });
    expect(kinds[0]).toEqual({ group: '', kind: 'DeleteOptions', version: 'v1' });
  });

  it('tells bodies as parameters, shared where they repeat', () => {
    const item = document.paths['/apis/apps/v1/namespaces/{namespace}/deployments/{name}'] as any;
    const { $ref } = item.patch.parameters[0];
    expect(document.parameters[$ref.slice('#/parameters/'.length)]).toEqual({
      name: 'body',
      in: 'body',
      required: true,
      schema: { $ref: '#/definitions/io.k8s.apimachinery.pkg.apis.meta.v1.Patch' },
    });
    expect(item.put.parameters[0].schema).toEqual({ $ref: '#/definitions/io.k8s.api.apps.v1.Deployment' });
    expect(item.get.responses[200].schema).toEqual({ $ref: '#/definitions/io.k8s.api.apps.v1.Deployment' });
  });
});

describe('swaggerCustomSchema', () => {
  it.each([
    ['defaults and choices', { type: 'integer', default: 3, minimum: 1, anyOf: [{}] }, { type: 'integer', minimum: 1 }],
    ['null', { type: 'object', nullable: true, properties: { a: { type: 'string' } } }, {}],
    [
      'unknown fields',
      { type: 'object', 'x-kubernetes-preserve-unknown-fields': true, properties: { a: {} } },
      { 'x-kubernetes-preserve-unknown-fields': true },
    ],
    ['either', { anyOf: [{}], 'x-kubernetes-int-or-string': true }, { 'x-kubernetes-int-or-string': true }],
    [
      'required fields that may be null',
      {
        type: 'object',
        required: ['a', 'b'],
        properties: { a: { type: 'string', nullable: true }, b: { type: 'string' } },
      },
      { type: 'object', required: ['b'], properties: { a: {}, b: { type: 'string' } } },
    ],
  ])('says what v2 can say of %s', (_what, schema, expected) => {
    expect(swaggerCustomSchema(schema)).toEqual(expected);
  });
});
