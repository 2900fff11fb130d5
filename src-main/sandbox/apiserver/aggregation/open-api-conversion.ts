/** A document of OpenAPI version 2 as one of version 3; what only the newer one can say is lost (kube-openapi's openapiconv). */

type Json = Record<string, unknown>;

const V2_REFERENCE = '#/definitions/';
const V3_REFERENCE = '#/components/schemas/';

export function openApiV3Of(swagger: Json): Json {
  const { info, externalDocs, paths, definitions, securityDefinitions } = swagger;
  return {
    openapi: '3.0.0',
    info,
    ...(externalDocs ? { externalDocs } : {}),
    paths: mapValues(paths as Json | undefined, (item) => pathItem(item as Json)),
    components: {
      ...(definitions ? { schemas: mapValues(definitions as Json, schemaOf) } : {}),
      ...(securityDefinitions ? { securitySchemes: securityDefinitions } : {}),
    },
  };
}

const METHODS = new Set(['get', 'put', 'post', 'delete', 'options', 'head', 'patch']);

function pathItem(item: Json): Json {
  return Object.fromEntries(
    Object.entries(item).map(([key, inner]) => {
      if (METHODS.has(key)) return [key, operation(inner as Json)];
      return key === 'parameters' ? [key, (inner as Json[]).map(parameter)] : [key, inner];
    }),
  );
}

function operation({ produces, consumes, parameters, responses, ...rest }: Json): Json {
  const given = (parameters ?? []) as Json[];
  const body = given.find((one) => one['name'] === 'body' && one['schema']);
  const others = given.filter((one) => one !== body);
  const kept = Object.entries(rest).filter(([key]) => key !== 'schemes');
  return {
    ...Object.fromEntries(kept),
    ...(others.length > 0 ? { parameters: others.map(parameter) } : {}),
    ...(body ? { requestBody: contentOf(body['schema'], typesIn(consumes)) } : {}),
    ...(responses
      ? { responses: mapValues(responses as Json, (one) => response(one as Json, typesIn(produces))) }
      : {}),
  };
}

function response({ schema, ...rest }: Json, types: readonly string[]): Json {
  return { ...rest, ...contentOf(schema, types) };
}

/** An operation that does not say what it takes or makes has no content. */
function contentOf(schema: unknown, types: readonly string[]): Json {
  if (!schema || types.length === 0) return {};
  return { content: Object.fromEntries(types.map((type) => [type, { schema: schemaOf(schema) }])) };
}

/** Of a parameter, these stand beside its type; everything else belongs to the type. */
const OF_PARAMETERS = new Set(['name', 'in', 'description', 'required', 'allowEmptyValue', '$ref']);

function parameter(given: Json): Json {
  const entries = Object.entries(given);
  const schema = entries.filter(
    ([key]) => !OF_PARAMETERS.has(key) && !key.startsWith('x-') && key !== 'collectionFormat',
  );
  const own = entries.filter(([key]) => OF_PARAMETERS.has(key) || key.startsWith('x-'));
  return { ...Object.fromEntries(own), ...(schema.length > 0 ? { schema: schemaOf(Object.fromEntries(schema)) } : {}) };
}

/** The same schema with its references to the new place. */
function schemaOf(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(schemaOf);
  if (typeof schema !== 'object' || schema === null) return schema;
  return mapValues(schema as Json, (inner, key) => {
    if (key === '$ref' && typeof inner === 'string') return inner.replace(V2_REFERENCE, V3_REFERENCE);
    return schemaOf(inner);
  });
}

/** Those of the whole document do not count. */
const typesIn = (list: unknown): readonly string[] => (Array.isArray(list) ? list.map(String) : []);

function mapValues(from: Json | undefined, map: (inner: unknown, key: string) => unknown): Json {
  return Object.fromEntries(Object.entries(from ?? {}).map(([key, inner]) => [key, map(inner, key)]));
}
