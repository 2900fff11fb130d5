/** Query parameters of operations: the fields of the options types, with what the release says about them. */
import { typeNamed, type FieldSchema } from '../schema';
import type { Descriptions } from './descriptions';
import type { JsonSchema } from './schemas';

export interface OperationParameters {
  readonly create: readonly JsonSchema[];
  readonly update: readonly JsonSchema[];
  readonly patch: readonly JsonSchema[];
  readonly delete: readonly JsonSchema[];
  readonly deleteCollection: readonly JsonSchema[];
  readonly list: readonly JsonSchema[];
  readonly pretty: JsonSchema;
}

/** Made once for a document: its operations share them. */
export function operationParameters(descriptions: Descriptions): OperationParameters {
  const of = (kind: string): JsonSchema[] => optionParameters(kind, descriptions);
  const [deletes, lists] = [of('DeleteOptions'), of('ListOptions')];
  const selecting = lists.filter(({ name }) => name !== 'watch' && name !== 'allowWatchBookmarks');
  return {
    create: of('CreateOptions'),
    update: of('UpdateOptions'),
    patch: of('PatchOptions'),
    delete: deletes,
    deleteCollection: [...deletes, ...selecting].sort(byName),
    list: lists,
    pretty: parameter('pretty', 'string', PRETTY),
  };
}

/** No type has it: the server's negotiation reads it. */
const PRETTY =
  "If 'true', then the output is pretty printed. Defaults to 'false' unless the user-agent indicates a browser or command-line HTTP tool (curl and wget).";

function optionParameters(kind: string, descriptions: Descriptions): JsonSchema[] {
  const type = typeNamed(`io.k8s.apimachinery.pkg.apis.meta.v1.${kind}`);
  if (!type) throw new Error(`the release has no ${kind}`);
  const fields = [...type.fields.entries()].filter(([, field]) => isParameter(field));
  return fields
    .map(([at, field]) => parameter(field.name, jsonType(field), descriptions.ofField(type.name, at)))
    .sort(byName);
}

/** Structs do not fit into a query. */
function isParameter({ name, type }: FieldSchema): boolean {
  return name !== 'kind' && name !== 'apiVersion' && type.shape !== 'struct';
}

function jsonType({ type }: FieldSchema): string {
  if (type.shape !== 'scalar' || type.scalar === 'string') return 'string';
  return type.scalar === 'bool' ? 'boolean' : 'integer';
}

function parameter(name: string, type: string, description: string | undefined): JsonSchema {
  return { name, in: 'query', ...(description ? { description } : {}), schema: { type, uniqueItems: true } };
}

function byName(left: JsonSchema, right: JsonSchema): number {
  return String(left['name']) < String(right['name']) ? -1 : 1;
}
