/** Paths of OpenAPI v3 in the words of v2: bodies are parameters, media types are listed beside them, what repeats is shared. */
import { createHash } from 'node:crypto';
import type { PathItem } from './paths';
import type { JsonSchema } from './schemas';
import { swaggerSchema } from './swagger-schemas';

interface V3Body {
  content: Record<string, { schema: JsonSchema }>;
  required?: boolean;
}

interface V3Response {
  description: string;
  content?: V3Body['content'];
}

interface V3Operation extends JsonSchema {
  description: string;
  operationId: string;
  tags: string[];
  parameters?: JsonSchema[];
  requestBody?: V3Body;
  responses: Record<string, V3Response>;
}

const METHODS = new Set(['get', 'put', 'post', 'patch', 'delete']);
const PATCHES = [
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
  'application/apply-patch+yaml',
];
const BODIES = ['application/json', 'application/yaml'];
const PRODUCED = ['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf'];
const STREAMED = ['application/json;stream=watch', 'application/vnd.kubernetes.protobuf;stream=watch'];

/** Collects the paths of documents, and the parameters that they share. */
export class SwaggerPaths {
  readonly paths: Record<string, PathItem> = {};
  readonly parameters: Record<string, JsonSchema> = {};
  /** By the name and text of the parameter. */
  readonly #shared = new Map<string, JsonSchema>();

  /** `isCustom`: the resources have neither protobuf nor watches that are told. */
  add(paths: Record<string, PathItem>, isCustom: boolean): void {
    for (const [path, item] of Object.entries(paths)) this.paths[path] = this.#item(item, isCustom);
  }

  #item(item: PathItem, isCustom: boolean): PathItem {
    const entries = Object.entries(item).map(([key, value]) => {
      if (METHODS.has(key)) return [key, this.#operation(value as V3Operation, isCustom)];
      return key === 'parameters' ? [key, this.#parameters(value as JsonSchema[])] : [key, value];
    });
    return Object.fromEntries(entries) as PathItem;
  }

  #operation(operation: V3Operation, isCustom: boolean): JsonSchema {
    const { description, operationId, tags, parameters = [], requestBody, responses, ...extensions } = operation;
    const told = [...(requestBody ? [bodyParameter(requestBody)] : []), ...parameters];
    return {
      description,
      consumes: consumedBy(operation, isCustom),
      produces: producedBy(operation, isCustom),
      schemes: ['https'],
      tags,
      operationId,
      ...(told.length > 0 ? { parameters: this.#parameters(told) } : {}),
      responses: Object.fromEntries(Object.entries(responses).map(([code, one]) => [code, response(one)])),
      ...extensions,
    };
  }

  #parameters(parameters: readonly JsonSchema[]): JsonSchema[] {
    return parameters.map((parameter) => (isOwn(parameter) ? flat(parameter) : this.#share(flat(parameter))));
  }

  #share(parameter: JsonSchema): JsonSchema {
    const name = String(parameter['name']);
    const text = JSON.stringify(parameter);
    let known = this.#shared.get(text);
    if (!known) {
      const key = `${name}-${createHash('sha256').update(text).digest('base64url').slice(0, 8)}`;
      this.parameters[key] = parameter;
      this.#shared.set(text, (known = { $ref: `#/parameters/${key}` }));
    }
    return known;
  }
}

/** Names, and bodies that are objects, differ from kind to kind. */
function isOwn({ name, in: place, schema }: JsonSchema): boolean {
  if (place !== 'body') return name === 'name';
  return !String((schema as JsonSchema)['$ref']).startsWith('#/definitions/io.k8s.apimachinery.');
}

function flat({ schema, ...parameter }: JsonSchema): JsonSchema {
  return parameter['in'] === 'body' ? { ...parameter, schema } : { ...(schema as JsonSchema), ...parameter };
}

function bodyParameter({ content, required }: V3Body): JsonSchema {
  const [first] = Object.values(content);
  const schema = swaggerSchema(first?.schema ?? {});
  return { name: 'body', in: 'body', ...(required ? { required } : {}), schema };
}

function consumedBy(operation: V3Operation, isCustom: boolean): string[] {
  const action = operation['x-kubernetes-action'];
  if (action === undefined) return isCustom ? BODIES : PRODUCED;
  if (action === 'patch') return PATCHES.filter((type) => operation.requestBody?.content[type]);
  return isCustom ? BODIES : ['*/*'];
}

function producedBy(operation: V3Operation, isCustom: boolean): string[] {
  if (isCustom) return BODIES;
  return operation['x-kubernetes-action'] === 'list' ? [...PRODUCED, ...STREAMED] : PRODUCED;
}

function response({ description, content }: V3Response): JsonSchema {
  const [first] = Object.values(content ?? {});
  return { description, ...(first ? { schema: swaggerSchema(first.schema) } : {}) };
}
