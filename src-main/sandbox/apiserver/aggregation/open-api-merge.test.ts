import { describe, expect, it } from 'vitest';
import { openApiV3Of } from './open-api-conversion';
import { withForeignDocuments } from './open-api-merge';

const own = {
  swagger: '2.0',
  paths: { '/apis/apps/v1/': { get: {} } },
  definitions: { Meta: { type: 'object' }, Meta_v2: { type: 'string' } },
};
const foreign = (meta: object) => ({
  prefix: '/apis/a/v1/',
  swagger: {
    paths: {
      '/apis/a/v1/things': { get: { responses: { 200: { schema: { $ref: '#/definitions/Thing' } } } } },
      '/apis/b/v1/others': { get: { responses: { 200: { schema: { $ref: '#/definitions/Other' } } } } },
    },
    definitions: {
      Thing: { properties: { metadata: { $ref: '#/definitions/Meta' }, parent: { $ref: '#/definitions/Thing' } } },
      Other: { type: 'object' },
      Meta: meta,
    },
  },
});

describe('withForeignDocuments', () => {
  it('takes what lies below the prefix, and the definitions that this needs', () => {
    const merged = withForeignDocuments(own, [foreign({ type: 'object' })]);
    expect(Object.keys(merged.paths)).toEqual(['/apis/a/v1/things', '/apis/apps/v1/']);
    expect(Object.keys(merged.definitions)).toEqual(['Meta', 'Meta_v2', 'Thing']);
  });

  it('gives what differs the next free name, everywhere', () => {
    const meta = { type: 'object', description: 'of its own' };
    const { definitions } = withForeignDocuments(own, [foreign(meta)]);
    expect(definitions).toMatchObject({ Meta: { type: 'object' }, Meta_v2: { type: 'string' }, Meta_v3: meta });
    expect(definitions).toHaveProperty('Thing.properties.metadata.$ref', '#/definitions/Meta_v3');
    expect(definitions).toHaveProperty('Thing.properties.parent.$ref', '#/definitions/Thing');
  });

  it('leaves paths and documents as they are where nothing is added', () => {
    expect(withForeignDocuments(own, [])).toBe(own);
    const rival = { prefix: '/apis/apps/v1/', swagger: { paths: { '/apis/apps/v1/': { post: {} } } } };
    expect(withForeignDocuments(own, [rival]).paths).toEqual(own.paths);
  });
});

describe('openApiV3Of', () => {
  it('moves bodies, answers, types of parameters and references to where version 3 has them', () => {
    const converted = openApiV3Of({
      info: { title: 'a' },
      produces: ['application/yaml'],
      definitions: { A: { items: { $ref: '#/definitions/B' } } },
      paths: {
        '/a': {
          post: {
            consumes: ['application/yaml'],
            produces: ['application/json'],
            schemes: ['https'],
            parameters: [
              { name: 'body', in: 'body', required: true, schema: { $ref: '#/definitions/A' } },
              { name: 'limit', in: 'query', description: 'most', type: 'integer', collectionFormat: 'csv' },
            ],
            responses: { 200: { description: 'OK', schema: { $ref: '#/definitions/A' } }, 401: { description: 'no' } },
          },
          get: { responses: { 200: { description: 'OK', schema: { $ref: '#/definitions/A' } } } },
        },
      },
    });
    const schema = { $ref: '#/components/schemas/A' };
    expect(converted).toEqual({
      openapi: '3.0.0',
      info: { title: 'a' },
      components: { schemas: { A: { items: { $ref: '#/components/schemas/B' } } } },
      paths: {
        '/a': {
          post: {
            parameters: [{ name: 'limit', in: 'query', description: 'most', schema: { type: 'integer' } }],
            requestBody: { content: { 'application/yaml': { schema } } },
            responses: {
              200: { description: 'OK', content: { 'application/json': { schema } } },
              401: { description: 'no' },
            },
          },
          get: { responses: { 200: { description: 'OK' } } },
        },
      },
    });
  });
});
