/**
 * The most that an expression can cost, as cel-go estimates it before it is kept: a unit for each step, times the largest
 * size that a request can give to what it walks through. Sizes that nobody knows are infinite.
 */
import { fixed, functionCost, plus, TRAVERSAL, union, UNKNOWN, type Size } from './function-cost';
import { HAS_MACRO } from './has-macro';
import { typeAt, type DeclaredType } from './schema-types';
import { isTree, type Tree } from './tree';

const NEW_LIST = 10;
const NEW_MAP = 30;

/** What is known of a part of an expression. */
interface Estimate {
  cost: number;
  /** From `self`: names of fields, `@items`, `@values`. */
  path?: readonly string[] | undefined;
  size?: Size | undefined;
  /** Of the elements of what the expression itself makes. */
  element?: Size | undefined;
}

type Locals = ReadonlyMap<string, Omit<Estimate, 'cost'>>;

/** The cost of a checked expression about a value of type `root`. */
export function largestCost(expression: Tree, root: DeclaredType): number {
  return new Estimator(root).of(expression, new Map()).cost;
}

class Estimator {
  readonly #root: DeclaredType;

  constructor(root: DeclaredType) {
    this.#root = root;
  }

  of(tree: Tree, locals: Locals): Estimate {
    const { op, args } = tree;
    switch (op) {
      case 'value':
        return { cost: 0, size: literalSize(args) };
      case 'id':
        return this.#variable(String(args), locals);
      case '.':
        return this.#field(tree, locals);
      case '[]':
        return this.#element(tree, locals);
      case 'list':
        return this.#list(args as Tree[], locals);
      case 'map':
        return this.#map(args as [Tree, Tree][], locals);
      case '?:':
        return this.#choice(args as Tree[], locals);
      case '&&':
      case '||':
        return { cost: this.#sum(args as Tree[], locals), size: fixed(1) };
      case 'call':
        return this.#call(tree, locals);
      case 'rcall':
        return this.#method(tree, locals);
      default:
        return this.#operator(tree, locals);
    }
  }

  #variable(name: string, locals: Locals): Estimate {
    // Whatever else has a name is taken for the whole value.
    return { cost: 1, ...(locals.get(name) ?? { path: [] }) };
  }

  #field({ args }: Tree, locals: Locals): Estimate {
    const [operand, name] = args as [Tree, string];
    const { cost, path } = this.of(operand, locals);
    const type = operand.checkedType?.name ?? 'dyn';
    // What may be of any type is not selected from, as far as costs go.
    const isFree = type === 'dyn' || type.startsWith('optional');
    return { cost: cost + (isFree ? 0 : 1), path: path && [...path, name] };
  }

  #element(tree: Tree, locals: Locals): Estimate {
    const [operand, index] = tree.args as [Tree, Tree];
    const container = this.of(operand, locals);
    const cost = 1 + container.cost + this.of(index, locals).cost;
    const { element } = container;
    return element ? { cost, size: element } : { cost, path: this.#pathOf(container, operand, 'value') };
  }

  #list(items: readonly Tree[], locals: Locals): Estimate {
    const parts = items.map((item) => ({ item, estimate: this.of(item, locals) }));
    const cost = NEW_LIST + parts.reduce((sum, { estimate }) => sum + estimate.cost, 0);
    const element =
      parts.length > 0 ? parts.map(({ item, estimate }) => this.#size(estimate, item)).reduce(union) : fixed(0);
    return { cost, size: fixed(items.length), element };
  }

  #map(entries: readonly [Tree, Tree][], locals: Locals): Estimate {
    const cost = NEW_MAP + this.#sum(entries.flat(), locals);
    const values = entries.map(([, value]) => this.#size(this.of(value, locals), value));
    return { cost, size: fixed(entries.length), element: values.length > 0 ? values.reduce(union) : fixed(0) };
  }

  #choice([condition, yes, no]: readonly Tree[], locals: Locals): Estimate {
    if (!condition || !yes || !no) return { cost: 0 };
    const [first, second] = [this.of(yes, locals), this.of(no, locals)];
    const element = first.element && second.element && union(first.element, second.element);
    return {
      cost: this.of(condition, locals).cost + Math.max(first.cost, second.cost),
      size: union(this.#size(first, yes), this.#size(second, no)),
      element,
    };
  }

  #operator({ op, args }: Tree, locals: Locals): Estimate {
    const parts = (Array.isArray(args) ? args : [args]).filter(isTree);
    const estimates = parts.map((part) => this.of(part, locals));
    const sizes = estimates.map((estimate, at) => this.#size(estimate, parts[at]));
    const types = parts.map(typeName);
    const own = operatorCost(op, { types, sizes, elements: estimates.map(({ element }) => element) });
    return added(
      estimates.reduce((sum, { cost }) => sum + cost, 0),
      own,
    );
  }

  #call({ args }: Tree, locals: Locals): Estimate {
    const [name, list] = args as [string, Tree[]];
    if (name === HAS_MACRO) return this.#presence(list[0], locals);
    const own = list.map((one) => this.of(one, locals));
    if (name === 'dyn') return { ...own[0], cost: 1 + (own[0]?.cost ?? 0) };
    const cost = own.reduce((sum, estimate) => sum + estimate.cost, 0);
    const sizes = own.map((estimate, at) => this.#size(estimate, list[at]));
    return added(cost, functionCost({ name, target: undefined, sizes, element: undefined }));
  }

  /** Looking whether a field is there costs nothing but the way to it. */
  #presence(selection: Tree | undefined, locals: Locals): Estimate {
    const operand = selection && Array.isArray(selection.args) ? (selection.args[0] as unknown) : undefined;
    return { cost: isTree(operand) ? this.of(operand, locals).cost : 0 };
  }

  #method(tree: Tree, locals: Locals): Estimate {
    const [name, target, list] = tree.args as [string, Tree, Tree[]];
    if (COMPREHENSIONS.has(name) && list[0]?.op === 'id') return this.#comprehension(tree, locals);
    if (OPTIONAL_MAPS.has(name) && list[1]) return this.#optionalMap(tree, locals);
    const receiver = this.of(target, locals);
    const own = list.map((one) => this.of(one, locals));
    const cost = receiver.cost + own.reduce((sum, estimate) => sum + estimate.cost, 0);
    const sizes = own.map((estimate, at) => this.#size(estimate, list[at]));
    const element = isList(target) ? this.#elementSize(receiver) : undefined;
    return added(cost, functionCost({ name, target: this.#size(receiver, target), sizes, element }));
  }

  /** A value that is there is bound to a name, of a size that nobody knows. */
  #optionalMap({ args }: Tree, locals: Locals): Estimate {
    const [, target, [variable, body]] = args as [string, Tree, [Tree, Tree]];
    const receiver = this.of(target, locals);
    const inner = this.of(body, new Map([...locals, [String(variable.args), {}]]));
    return { cost: 2 * receiver.cost + NEW_LIST + 3 + inner.cost };
  }

  /** A loop: what is done for each element, as often as there can be elements. */
  #comprehension({ args }: Tree, locals: Locals): Estimate {
    const [name, target, list] = args as [string, Tree, Tree[]];
    const range = this.of(target, locals);
    const variable = { path: this.#pathOf(range, target, 'key'), size: range.element };
    const inner: Locals = new Map([...locals, [String(list[0]?.args), variable]]);
    const last = list.at(-1);
    const body = last ? this.of(last, inner) : { cost: 0 };
    const filter = name === 'map' && list.length > 2 && list[1] ? this.of(list[1], inner).cost : undefined;
    const times = this.#size(range, target);
    const { first, each } = LOOPS[name]?.(body.cost, filter) ?? { first: 1, each: body.cost };
    // Nothing is done for nothing, however often.
    const cost = range.cost + first + (each === 0 ? 0 : times.max * each);
    if (name === 'map') return { cost, size: times, element: union(fixed(0), this.#size(body, last)) };
    return name === 'filter' ? { cost, size: times, element: union(fixed(0), variable.size ?? UNKNOWN) } : { cost };
  }

  /** Elements of what the expression itself makes are taken for the whole value, as cel-go does. */
  #pathOf({ path }: Estimate, tree: Tree, part: 'key' | 'value'): readonly string[] {
    if (!path) return [];
    const step = isMap(tree) ? (part === 'key' ? '@keys' : '@values') : '@items';
    return [...path, step];
  }

  #elementSize({ path }: Estimate): Size {
    return (path && this.#declared([...path, '@items'])) ?? UNKNOWN;
  }

  #size({ path, size }: Estimate, tree: Tree | undefined): Size {
    const declared = path && this.#declared(path);
    if (declared) return declared;
    const type = tree?.checkedType?.name ?? 'dyn';
    return size ?? (SCALARS.has(type) ? fixed(1) : UNKNOWN);
  }

  #declared(path: readonly string[]): Size | undefined {
    const type = typeAt(this.#root, path);
    return type && { min: 0, max: type.maxElements };
  }

  #sum(trees: readonly Tree[], locals: Locals): number {
    return trees.reduce((sum, tree) => sum + this.of(tree, locals).cost, 0);
  }
}

const OPTIONAL_MAPS = new Set(['optMap', 'optFlatMap']);
const COMPREHENSIONS = new Set(['all', 'exists', 'exists_one', 'map', 'filter']);

/** What the loops of cel-go's macros do before and for each element, by the cost of their bodies. */
const LOOPS: Readonly<Record<string, (body: number, filter?: number) => { first: number; each: number }>> = {
  all: (body) => ({ first: 1, each: 3 + body }),
  exists: (body) => ({ first: 1, each: 4 + body }),
  exists_one: (body) => ({ first: 2, each: 2 + body }),
  map: (body, filter) => ({ first: NEW_LIST + 1, each: 12 + body + (filter ?? 0) }),
  filter: (body) => ({ first: NEW_LIST + 1, each: 13 + body }),
};

const SCALARS = new Set(['bool', 'double', 'int', 'uint', 'google.protobuf.Duration', 'google.protobuf.Timestamp']);
const TEXTS = new Set(['string', 'bytes']);
const COMPARISONS = new Set(['<', '<=', '>', '>=']);
/** Of the server's own libraries, whose values compare at once. */
const SIMPLE = new Set(['kubernetes.Quantity', 'net.IP', 'net.CIDR', 'kubernetes.Semver']);

interface Operands {
  types: readonly string[];
  sizes: readonly Size[];
  elements: readonly (Size | undefined)[];
}

/** An operator by itself: those that walk through their operands cost by their sizes. */
function operatorCost(op: string, { types, sizes, elements }: Operands): Estimate {
  const [left = UNKNOWN, right = UNKNOWN] = sizes;
  const [type = 'dyn', other = 'dyn'] = types;
  if (op === '==' && SIMPLE.has(type) && type === other) return { cost: 1 };
  if (op === '==' || op === '!=' || (COMPARISONS.has(op) && TEXTS.has(type)))
    return { cost: Math.ceil(Math.min(left.max, right.max) * TRAVERSAL) };
  if (op === 'in' && !other.startsWith('map')) return { cost: right.max };
  if (op !== '+' || !(TEXTS.has(type) || type.startsWith('list'))) return { cost: 1 };
  const size = plus(left, right);
  const [one, another] = elements;
  const element = one && another && union(one, another);
  return { cost: TEXTS.has(type) ? Math.ceil(size.max * TRAVERSAL) : 1, size, element };
}

const typeName = (tree: Tree | undefined): string => tree?.checkedType?.name ?? 'dyn';
const isList = (tree: Tree | undefined): boolean => typeName(tree).startsWith('list');
const isMap = (tree: Tree | undefined): boolean => typeName(tree).startsWith('map');

function literalSize(value: unknown): Size | undefined {
  if (typeof value === 'string') return fixed([...value].length);
  if (value instanceof Uint8Array) return fixed(value.length);
  return fixed(1);
}

const added = (cost: number, call: Estimate): Estimate => ({ ...call, cost: cost + call.cost });
