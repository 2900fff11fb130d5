/** RFC 6902, as `application/json-patch+json` means it. */
import { failure } from '#common/kube/status-error';
import type { TypeSchema } from '../schema';
import { goKind } from '../scalars';
import { badPatch, unprocessablePatch } from './patch-errors';

type Fields = Record<string, unknown>;

interface Operation {
  op: string;
  path: string;
  from?: string;
  value?: unknown;
}

const MOST_OPERATIONS = 10_000;
const OPERATIONS = new Set(['add', 'remove', 'replace', 'move', 'copy', 'test']);

/**
 * The object after the patch; `current` is not edited. Throws 400 for a malformed patch, 413 for too many operations and
 * 422 for one that does not apply, a failed `test` among them. The schema is not needed: paths say everything.
 */
export function applyJsonPatch<T extends object>(current: T, patch: unknown, _schema?: TypeSchema): T {
  let document: unknown = current;
  let copiedBytes = 0;
  for (const operation of operationsOf(patch)) {
    if (operation.op === 'copy') {
      copiedBytes += sizeOf(read(document, segmentsOf(operation.from ?? '')));
      if (copiedBytes > MOST_COPIED_BYTES) throw unprocessablePatch();
    }
    document = perform(document, operation);
  }
  return document as T;
}

/** Copies of copies grow without end: all together may not be larger than a body. */
const MOST_COPIED_BYTES = 3 * 2 ** 20;

const sizeOf = (value: unknown): number => JSON.stringify(value)?.length ?? 0;

function operationsOf(patch: unknown): Operation[] {
  if (!Array.isArray(patch)) {
    throw badPatch(
      `error decoding patch: json: cannot unmarshal ${goKind(patch)} into Go value of type []handlers.jsonPatchOp`,
    );
  }
  if (patch.length > MOST_OPERATIONS) {
    const message = `The allowed maximum operations in a JSON patch is ${MOST_OPERATIONS}, got ${patch.length}`;
    throw failure(413, 'RequestEntityTooLarge', `Request entity too large: ${message}`);
  }
  return patch.map(operationOf);
}

function operationOf(entry: unknown): Operation {
  const { op, path, from } = (typeof entry === 'object' && entry !== null ? entry : {}) as Partial<Operation>;
  const isKnown = typeof op === 'string' && OPERATIONS.has(op) && typeof path === 'string';
  if (!isKnown || ((op === 'move' || op === 'copy') && typeof from !== 'string')) throw unprocessablePatch();
  return entry as Operation;
}

function perform(document: unknown, { op, path, from, value }: Operation): unknown {
  const target = segmentsOf(path);
  switch (op) {
    case 'add':
      return edit(document, target, (place) => place.insert(value));
    case 'remove':
      return edit(document, target, (place) => place.remove());
    case 'replace':
      return edit(document, target, (place) => place.replace(value));
    case 'test':
      if (!sameJson(read(document, target) ?? null, value ?? null)) throw unprocessablePatch();
      return document;
    default: {
      const source = segmentsOf(from ?? '');
      // Of a member that is not there, null is copied; it cannot be moved away.
      const moved = read(document, source) ?? null;
      const rest = op === 'move' ? edit(document, source, (place) => place.remove()) : document;
      return edit(rest, target, (place) => place.insert(moved));
    }
  }
}

function segmentsOf(path: string): string[] {
  if (path === '') return [];
  if (!path.startsWith('/')) throw unprocessablePatch();
  return path
    .slice(1)
    .split('/')
    .map((segment) => segment.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function read(document: unknown, path: readonly string[]): unknown {
  let value = document;
  for (const segment of path) value = new Place(value, segment).value;
  return value;
}

/** Copies the containers along the path and lets `change` make the last one; everything else is shared. */
function edit(document: unknown, path: readonly string[], change: (place: Place) => unknown): unknown {
  const [segment, ...rest] = path;
  if (segment === undefined) return (change(new Place({ root: document }, 'root')) as Fields)['root'];
  const place = new Place(document, segment);
  if (rest.length === 0) return change(place);
  return place.replace(edit(place.value, rest, change));
}

/** One member of a container; every change gives a changed copy of the container. */
class Place {
  readonly #container: Fields | unknown[];
  readonly #key: string;

  constructor(container: unknown, key: string) {
    if (typeof container !== 'object' || container === null) throw unprocessablePatch();
    this.#container = container as Fields | unknown[];
    this.#key = key;
  }

  get value(): unknown {
    if (Array.isArray(this.#container)) return this.#container[this.#index(this.#container.length - 1)];
    return Object.hasOwn(this.#container, this.#key) ? this.#container[this.#key] : undefined;
  }

  insert(value: unknown): unknown {
    if (!Array.isArray(this.#container)) return { ...this.#container, [this.#key]: value };
    const length = this.#container.length;
    return this.#container.toSpliced(this.#key === '-' ? length : this.#index(length), 0, value);
  }

  /** The server's library replaces members of objects that are not there. */
  replace(value: unknown): unknown {
    if (Array.isArray(this.#container)) return this.#container.with(this.#index(this.#container.length - 1), value);
    return { ...this.#container, [this.#key]: value };
  }

  remove(): unknown {
    if (this.value === undefined) throw unprocessablePatch();
    if (Array.isArray(this.#container)) return this.#container.toSpliced(this.#index(this.#container.length - 1), 1);
    const { [this.#key]: _removed, ...rest } = this.#container;
    return rest;
  }

  /** Negative indices count from the end, as the server's library has it. */
  #index(most: number): number {
    if (!/^-?(0|[1-9]\d*)$/.test(this.#key)) throw unprocessablePatch();
    const index = Number(this.#key);
    const at = index < 0 ? most + 1 + index : index;
    if (at < 0 || at > most) throw unprocessablePatch();
    return at;
  }
}

function sameJson(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return false;
  if (Array.isArray(left) !== Array.isArray(right)) return false;
  const keys = Object.keys(left);
  return (
    keys.length === Object.keys(right).length &&
    keys.every((key) => Object.hasOwn(right, key) && sameJson((left as Fields)[key], (right as Fields)[key]))
  );
}
