/** The package's syntax tree, as far as it is read here. */

export interface Tree {
  readonly op: string;
  readonly args: unknown;
  /** Letters of the text that was parsed. */
  readonly start: number;
  readonly end: number;
  /** Set by the checker. */
  readonly checkedType?: { readonly name: string };
}

export const isTree = (value: unknown): value is Tree =>
  typeof value === 'object' && value !== null && 'op' in value && 'args' in value;

/** Stands in an expression where something was wrong, so that the rest can be looked at: of no type, and as long. */
export const HOLE = '_';

/** Operands, arguments, elements and entries, in the order in which they are written. */
export function partsOf({ args }: Tree): Tree[] {
  if (isTree(args)) return [args];
  return Array.isArray(args) ? args.flat(2).filter(isTree) : [];
}

/** The node that has `child` as a part; undefined for the root. */
export function parentOf(root: Tree, child: Tree): Tree | undefined {
  for (const part of partsOf(root)) {
    const found = part === child ? root : parentOf(part, child);
    if (found) return found;
  }
  return undefined;
}
