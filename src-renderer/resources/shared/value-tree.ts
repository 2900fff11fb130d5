/** A value of an unknown object as a tree node: a leaf with its text, or a branch with children. */
export type TreeNode =
  | { name: string; text: string; kind: 'text' | 'number' | 'boolean' | 'null' }
  | { name: string; children: TreeNode[]; kind: 'map' | 'list' };

const LONGEST_LIST = 500;

/** The fields of any value, in their own order; items of a list are named by their `name` where they have one. */
export function treeOf(name: string, value: unknown): TreeNode {
  if (Array.isArray(value)) {
    const items: unknown[] = value.slice(0, LONGEST_LIST);
    return { name, kind: 'list', children: items.map((item, index) => treeOf(itemName(item, index), item)) };
  }
  if (typeof value === 'object' && value !== null) {
    return { name, kind: 'map', children: Object.entries(value).map(([key, child]) => treeOf(key, child)) };
  }
  if (value === null || value === undefined) return { name, text: 'null', kind: 'null' };
  if (typeof value === 'number') return { name, text: String(value), kind: 'number' };
  if (typeof value === 'boolean') return { name, text: String(value), kind: 'boolean' };
  return { name, text: String(value as string), kind: 'text' };
}

function itemName(item: unknown, index: number): string {
  const named = item as { name?: unknown; type?: unknown; key?: unknown } | null;
  const name = named?.name ?? named?.type ?? named?.key;
  return typeof name === 'string' && name ? name : String(index);
}
