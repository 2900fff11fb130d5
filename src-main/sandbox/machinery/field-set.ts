/**
 * Sets of field paths. A set *is* its FieldsV1 form, so that managedFields need no decoding: a key is a path element
 * (`f:spec`, `k:{"name":"a"}`, `v:"x"`, `i:0`), its value the set of paths below. An element is in the set itself when
 * its value is empty or has the key `.`. Sets are never edited; operations share what they do not change.
 */
export interface FieldSet {
  readonly [element: string]: FieldSet;
}

/** The set below an element that is in the set and has nothing below. */
export const MEMBER: FieldSet = Object.freeze({});

/** At the root, nothing is in the set. */
export const NO_FIELDS: FieldSet = MEMBER;

const SELF = '.';

export function isEmptySet(set: FieldSet): boolean {
  return Object.keys(set).length === 0;
}

/** Whether the element above `below` is in its set, `below` being what the set holds for it. */
export function isMember(below: FieldSet): boolean {
  return SELF in below || isEmptySet(below);
}

/** The set below an element: with or without the element itself; undefined when there is neither. */
export function below(self: boolean, children: FieldSet): FieldSet | undefined {
  if (isEmptySet(children)) return self ? MEMBER : undefined;
  return self ? { [SELF]: MEMBER, ...children } : children;
}

export function union(left: FieldSet, right: FieldSet): FieldSet {
  if (left === right || isEmptySet(right)) return left;
  if (isEmptySet(left)) return right;
  const result: Record<string, FieldSet> = { ...left };
  for (const element in right) {
    const other = right[element] ?? MEMBER;
    const own = left[element];
    result[element] = own === undefined ? other : unionBelow(own, other);
  }
  return result;
}

function unionBelow(left: FieldSet, right: FieldSet): FieldSet {
  if (left === right) return left;
  if (isEmptySet(left)) return below(true, childrenOf(right)) ?? MEMBER;
  if (isEmptySet(right)) return below(true, childrenOf(left)) ?? MEMBER;
  return union(left, right);
}

function childrenOf(set: FieldSet): FieldSet {
  if (!(SELF in set)) return set;
  const { [SELF]: _self, ...children } = set;
  return children;
}

/** What is in `left` and not in `right`; removing an element keeps what is below it. */
export function difference(left: FieldSet, right: FieldSet): FieldSet {
  return filter(left, right, (own, other) =>
    below(isMember(own) && !isMember(other), difference(childrenOf(own), childrenOf(other))),
  );
}

/** Like `difference`, but removing an element removes what is below it. */
export function differenceBelow(left: FieldSet, right: FieldSet): FieldSet {
  return filter(left, right, (own, other) => {
    if (isMember(other)) return undefined;
    return below(isMember(own), differenceBelow(childrenOf(own), childrenOf(other)));
  });
}

/** Keeps the elements that only `left` has and asks about the rest. */
function filter(
  left: FieldSet,
  right: FieldSet,
  decide: (own: FieldSet, other: FieldSet) => FieldSet | undefined,
): FieldSet {
  let changed = false;
  const result: Record<string, FieldSet> = {};
  for (const element in left) {
    const own = left[element] ?? MEMBER;
    const other = right[element];
    const kept = other === undefined ? own : decide(own, other);
    if (kept !== own) changed = true;
    if (kept) result[element] = kept;
  }
  return changed ? result : left;
}

export function intersection(left: FieldSet, right: FieldSet): FieldSet {
  const result: Record<string, FieldSet> = {};
  for (const element in left) {
    const own = left[element] ?? MEMBER;
    const other = right[element];
    if (other === undefined) continue;
    const both = below(isMember(own) && isMember(other), intersection(childrenOf(own), childrenOf(other)));
    if (both) result[element] = both;
  }
  return result;
}

/** Every path of the set as messages show it (`.spec.containers[name="a"].image`): at each level members before what is below. */
export function pathsOf(set: FieldSet, prefix = ''): string[] {
  const elements = Object.keys(set)
    .filter((element) => element !== SELF)
    .sort();
  const path = (element: string): string => prefix + elementText(element);
  const members = elements.filter((element) => isMember(set[element] ?? MEMBER)).map(path);
  return [...members, ...elements.flatMap((element) => pathsOf(set[element] ?? MEMBER, path(element)))];
}

/** `.spec`, `[name="a"]`, `[="x"]`, `[0]`. */
export function elementText(element: string): string {
  const content = element.slice(2);
  if (element.startsWith('f:')) return `.${content}`;
  if (element.startsWith('v:')) return `[=${content}]`;
  if (element.startsWith('i:')) return `[${content}]`;
  const keys = Object.entries(JSON.parse(content) as Record<string, unknown>);
  return `[${keys.map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(',')}]`;
}
