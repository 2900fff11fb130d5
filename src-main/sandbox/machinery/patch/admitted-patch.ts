/** JSON patches of admission: refused in the words of the server's patch library, which its own PATCH does not tell. */
import type { AnyObject } from '#common/kube/object';
import { ApiStatusError } from '#common/kube/status-error';
import { schemaOf, type Gvk } from '../schema';
import { checkFields } from '../strict-fields';
import { applyJsonPatch } from './json-patch';

interface Operation {
  op?: string;
  path?: string;
  from?: string;
}

/** The object is not what a patch was made for. */
export class FailedTest extends Error {}

/** Throws Error with why an operation does not fit. */
export function patchedByOperations(object: AnyObject, operations: unknown): AnyObject {
  if (!Array.isArray(operations)) return applyJsonPatch(object, operations);
  let document = object;
  for (const operation of operations as Operation[]) {
    try {
      document = applyJsonPatch(document, [operation]);
    } catch (problem) {
      if (!(problem instanceof ApiStatusError) || problem.code !== 422) throw problem;
      const words = operationWords(document, operation);
      throw operation.op === 'test' ? new FailedTest(words) : new Error(words, { cause: problem });
    }
  }
  return document;
}

/** The same with its fields as the kind has them. Throws Error for what does not fit. */
export const patchedAsAdmitted = (object: AnyObject, operations: unknown, gvk: Gvk): AnyObject =>
  asAdmitted(patchedByOperations(object, operations), gvk);

/** A patched object with its fields as the kind has them, zero values left out. Throws Error for what does not fit. */
export function asAdmitted(patched: AnyObject, gvk: Gvk): AnyObject {
  const schema = schemaOf(gvk);
  if (!schema) return patched;
  try {
    return checkFields(patched as unknown as Fields, schema).object as unknown as AnyObject;
  } catch (problem) {
    const words = problem instanceof Error ? problem.message : String(problem);
    throw new Error(words.replace(/^.* cannot be handled as an? \w+: /, ''), { cause: problem });
  }
}

type Fields = Record<string, unknown>;

const MISSING = 'missing value';

function operationWords(document: AnyObject, { op = '', path = '', from = '' }: Operation): string {
  const [container, key] = placeOf(document, op === 'move' || op === 'copy' ? from : path);
  const isPlace = typeof container === 'object' && container !== null;
  const keyProblem = Array.isArray(container)
    ? indexWords(key)
    : `Unable to remove nonexistent key: ${key}: ${MISSING}`;
  switch (op) {
    case 'add':
      if (!isPlace) return `add operation does not apply: doc is missing path: "${path}": ${MISSING}`;
      return `error in add for path: '${path}': ${indexWords(key)}`;
    case 'remove':
      if (!isPlace) return `remove operation does not apply: doc is missing path: "${path}": ${MISSING}`;
      return `error in remove for path: '${path}': ${keyProblem}`;
    case 'replace':
      return `replace operation does not apply: doc is missing ${isPlace ? 'key' : 'path'}: ${path}: ${MISSING}`;
    case 'test':
      return `testing value ${path} failed: test failed`;
    case 'move':
    case 'copy':
      if (!isPlace) return `${op} operation does not apply: doc is missing from path: ${from}: ${MISSING}`;
      return op === 'move'
        ? `error in move for path: '${key}': ${keyProblem}`
        : `error in copy for from: '${from}': ${keyProblem}`;
    default:
      return `Unexpected kind: ${op || 'unknown'}`;
  }
}

function indexWords(key: string): string {
  if (/^-?\d+$/.test(key)) return `Unable to access invalid index: ${key}: invalid index referenced`;
  return `value was not a proper array index: '${key}': strconv.Atoi: parsing ${JSON.stringify(key)}: invalid syntax`;
}

/** What should hold the last part of a path, and that part. */
function placeOf(document: unknown, path: string): [container: unknown, key: string] {
  const segments = path
    .split('/')
    .slice(1)
    .map((segment) => segment.replaceAll('~1', '/').replaceAll('~0', '~'));
  const key = segments.pop() ?? '';
  const container = segments.reduce<unknown>(
    (value, segment) => (value as Record<string, unknown> | null | undefined)?.[segment],
    document,
  );
  return [container, key];
}
