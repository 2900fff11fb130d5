import { parseDocument } from 'yaml';
import { readYaml, YAML_OPTIONS } from './yaml-places';

export interface KeptEdits {
  /** The newest content with the person's edits put on it. */
  yaml: string;
  /** Fields that both changed: the person's value stands. */
  bothChanged: string[];
}

type Path = (string | number)[];
type Tree = Record<string, unknown>;
const GONE = Symbol('gone');

/**
 * Puts what was edited since `base` on top of `latest`, field by field, as a person would type it again. Lists of named
 * items (containers, ports, volumes) are matched by name; any other list that was edited replaces the whole list.
 * Undefined when one of the three cannot be read as YAML.
 */
export function keepEdits(base: string, draft: string, latest: string): KeptEdits | undefined {
  const [before, mine] = [readYaml(base), readYaml(draft)];
  if (!before || !mine || !readYaml(latest)) return undefined;
  const document = parseDocument(latest, YAML_OPTIONS);
  const bothChanged: string[] = [];
  for (const { path, value, was } of changes(before, mine, [])) {
    if (isServerField(path)) continue;
    // Read again after every edit: adding and removing items moves the others.
    const latestTree: unknown = document.toJS();
    const current = valueAt(latestTree, path);
    if (same(current, value)) continue;
    if (!same(current, was)) bothChanged.push(fieldName(path));
    const place = placeIn(latestTree, path);
    if (value === GONE) document.deleteIn(place);
    else document.setIn(place, document.createNode(value));
  }
  return { yaml: document.toString({ lineWidth: 0 }), bothChanged };
}

interface Change {
  path: Path;
  value: unknown;
  was: unknown;
}

function changes(before: unknown, after: unknown, path: Path): Change[] {
  if (same(before, after)) return [];
  if (isTree(before) && isTree(after)) {
    const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
    return [...keys].flatMap((key) => changes(fieldOf(before, key), fieldOf(after, key), [...path, key]));
  }
  const named = namedLists(before, after);
  if (!named) return [{ path, value: after, was: before }];
  const names = new Set([...named.before.keys(), ...named.after.keys()]);
  return [...names].flatMap((name) =>
    changes(named.before.get(name) ?? GONE, named.after.get(name) ?? GONE, [...path, `${NAMED}${name}`]),
  );
}

/** Marks a step into a list by the `name` of an item. */
const NAMED = '\u0000';

function namedLists(before: unknown, after: unknown) {
  const [left, right] = [byName(before), byName(after)];
  return left && right ? { before: left, after: right } : undefined;
}

function byName(list: unknown): Map<string, unknown> | undefined {
  if (!Array.isArray(list)) return undefined;
  const names = list.map((item: unknown) => (isTree(item) ? item['name'] : undefined));
  if (names.some((name) => typeof name !== 'string') || new Set(names).size !== names.length) return undefined;
  return new Map(list.map((item: unknown, index) => [String(names[index]), item]));
}

/** The revision and what the server counts itself always come from the newest content. */
function isServerField(path: Path): boolean {
  const [first, second] = path;
  return first === 'metadata' && ['resourceVersion', 'generation', 'managedFields'].includes(String(second));
}

/** A path with list positions in place of names; a name that is not there stands one past the end. */
function placeIn(root: unknown, path: Path): Path {
  const place: Path = [];
  let node = root;
  for (const step of path) {
    const key = isNamed(step) ? indexByName(node, step) : step;
    place.push(key);
    node = child(node, key);
  }
  return place;
}

function valueAt(root: unknown, path: Path): unknown {
  let node = root;
  for (const key of placeIn(root, path)) {
    node = child(node, key);
    if (node === GONE) return GONE;
  }
  return node;
}

function child(node: unknown, key: string | number): unknown {
  if (Array.isArray(node)) return typeof key === 'number' && key < node.length ? (node[key] as unknown) : GONE;
  return isTree(node) ? fieldOf(node, String(key)) : GONE;
}

function isNamed(step: string | number): step is string {
  return typeof step === 'string' && step.startsWith(NAMED);
}

function indexByName(node: unknown, step: string): number {
  if (!Array.isArray(node)) return 0;
  const index = node.findIndex((item: unknown) => isTree(item) && item['name'] === step.slice(1));
  return index < 0 ? node.length : index;
}

function fieldName(path: Path): string {
  let name = '';
  for (const step of path) {
    if (typeof step === 'number') name += `[${step}]`;
    else if (isNamed(step)) name += `[${step.slice(1)}]`;
    else name += name ? `.${step}` : step;
  }
  return name;
}

function fieldOf(tree: Tree, key: string): unknown {
  return Object.hasOwn(tree, key) ? tree[key] : GONE;
}

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function same(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  if (typeof left !== 'object' || typeof right !== 'object' || !left || !right) return false;
  if (Array.isArray(left) !== Array.isArray(right)) return false;
  const keys = Object.keys(left);
  return (
    keys.length === Object.keys(right).length &&
    keys.every((key) => Object.hasOwn(right, key) && same((left as Tree)[key], (right as Tree)[key]))
  );
}
