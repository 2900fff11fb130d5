/** The OpenAPI v2 document: one of everything, which older kubectl and many tools read to validate and to merge. */
import { openApiOfAll, sortKeys, type OpenApiDocument } from './openapi-v3';
import type { PathItem } from './paths';
import type { JsonSchema } from './schemas';
import { SwaggerPaths } from './swagger-paths';
import { swaggerCustomSchema, swaggerSchema } from './swagger-schemas';

export interface SwaggerDocument {
  swagger: '2.0';
  info: { title: string; version: string };
  paths: Record<string, PathItem>;
  definitions: Record<string, JsonSchema>;
  parameters: Record<string, JsonSchema>;
  securityDefinitions: Record<string, JsonSchema>;
  security: JsonSchema[];
}

/** A custom group version's document, and which of its schemas are declared by a definition. */
export interface CustomDocument {
  document: OpenApiDocument;
  declared: ReadonlySet<string>;
}

/** `version` is the release's minor: `1.36`. */
export async function swaggerDocument(version: string, custom: readonly CustomDocument[]): Promise<SwaggerDocument> {
  const builtIn = await openApiOfAll();
  const paths = new SwaggerPaths();
  const definitions = mapSchemas(builtIn.components.schemas, swaggerSchema);
  paths.add(builtIn.paths, false);
  for (const { document, declared } of custom) {
    paths.add(document.paths, true);
    for (const [name, schema] of Object.entries(document.components.schemas)) {
      definitions[name] ??= declared.has(name) ? declaredSchema(schema) : swaggerSchema(schema);
    }
  }
  return {
    swagger: '2.0',
    info: { title: 'Kubernetes', version },
    paths: sortKeys(paths.paths),
    definitions: sortKeys(definitions),
    parameters: sortKeys(paths.parameters),
    securityDefinitions: { BearerToken: BEARER_TOKEN },
    security: [{ BearerToken: [] }],
  };
}

const BEARER_TOKEN: JsonSchema = {
  description: 'Bearer Token authentication',
  type: 'apiKey',
  name: 'authorization',
  in: 'header',
};

/** Every object has these three; without more, kubectl would call all other fields unknown. */
function declaredSchema(schema: JsonSchema): JsonSchema {
  const gvk = schema['x-kubernetes-group-version-kind'];
  if (schema['x-kubernetes-preserve-unknown-fields'] === true) {
    return { type: 'object', 'x-kubernetes-group-version-kind': gvk };
  }
  const own = (schema['properties'] ?? {}) as Record<string, JsonSchema>;
  const made = swaggerCustomSchema(schema);
  const typed = ['apiVersion', 'kind', 'metadata'].flatMap((name) => {
    const field = own[name];
    return field ? [[name, swaggerSchema(field)] as const] : [];
  });
  return { ...made, properties: { ...(made['properties'] as JsonSchema), ...Object.fromEntries(typed) } };
}

function mapSchemas(
  schemas: Record<string, JsonSchema>,
  map: (schema: JsonSchema) => JsonSchema,
): Record<string, JsonSchema> {
  return Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, map(schema)]));
}
