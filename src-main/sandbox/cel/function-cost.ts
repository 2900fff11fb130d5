/** What a call of a function costs by itself, and how large its answer can be: cel-go's and the server's own estimates. */

/** Letters, items or entries. */
export interface Size {
  min: number;
  max: number;
}

export const UNKNOWN: Size = { min: 0, max: Infinity };
export const fixed = (size: number): Size => ({ min: size, max: size });
export const union = (left: Size, right: Size): Size => ({
  min: Math.min(left.min, right.min),
  max: Math.max(left.max, right.max),
});
export const plus = (left: Size, right: Size): Size => ({ min: left.min + right.min, max: left.max + right.max });

/** Units for a letter that is walked over, and for one of a pattern. */
export const TRAVERSAL = 0.1;
const REGEX = 0.25;

export interface Call {
  name: string;
  /** Of the value that a method is called on. */
  target: Size | undefined;
  sizes: readonly Size[];
  /** Of the elements of a list that a method is called on. */
  element: Size | undefined;
}

export interface CallCost {
  cost: number;
  size?: Size;
}

/** Without what its arguments cost. */
export function functionCost(call: Call): CallCost {
  const [first = UNKNOWN, second = UNKNOWN] = call.sizes;
  const { target, element } = call;
  return COSTS[call.name]?.({ on: target ?? first, first, second, target, element, sizes: call.sizes }) ?? { cost: 1 };
}

interface Sizes extends Omit<Call, 'name'> {
  /** What is worked on. */
  on: Size;
  first: Size;
  second: Size;
}

const walked = (size: Size, factor = TRAVERSAL): number => Math.ceil(size.max * factor);
/** Nothing, however often, is nothing. */
const product = (left: number, right: number): number => (left === 0 || right === 0 ? 0 : left * right);

const searched = ({ on, first }: Sizes): number => product(walked(plus(on, fixed(1))), walked(first, REGEX));
const found = (sizes: Sizes): CallCost => ({ cost: searched(sizes), size: { min: 0, max: sizes.on.max } });
const begun = ({ first }: Sizes): CallCost => ({ cost: walked(first) });
const passed = ({ on }: Sizes): CallCost => ({ cost: walked(on), size: on });
const read = ({ target, first }: Sizes): CallCost => ({ cost: target ? 1 : walked(first) });
const compared = ({ on, element }: Sizes): CallCost => ({
  cost: element ? product(on.max, 1 + walked(element)) : walked(on),
});

/** Functions that cost more than one. */
const COSTS: Readonly<Record<string, (sizes: Sizes) => CallCost>> = {
  startsWith: begun,
  endsWith: begun,
  contains: ({ on, first }) => ({ cost: product(walked(on), walked(first)) }),
  matches: (sizes) => ({ cost: searched(sizes) }),
  find: found,
  findAll: found,
  isSorted: compared,
  sum: compared,
  max: compared,
  min: compared,
  indexOf: compared,
  lastIndexOf: compared,
  url: passed,
  lowerAscii: passed,
  upperAscii: passed,
  substring: passed,
  trim: passed,
  replace: ({ on, first, second }) => ({ cost: walked(on, 2 * TRAVERSAL), size: replaced(on, first, second) }),
  split: ({ on }) => ({ cost: walked(on, 2 * TRAVERSAL), size: { min: 0, max: on.max } }),
  join: ({ on, element, sizes }) => joined(on, element, sizes[0]),
  format: ({ on }) => ({ cost: walked(on) }),
  bytes: ({ first }) => ({ cost: walked(first), size: { min: first.min, max: first.max * 4 } }),
  cidr: read,
  ip: read,
  isIP: read,
  isCIDR: read,
  quantity: read,
  isQuantity: read,
  semver: read,
  isSemver: read,
};

function replaced(on: Size, from: Size, to: Size): Size {
  if (from.min === 0) return { min: 0, max: product(on.max + 1, to.max) + on.max };
  if (to.max <= from.min) return { min: 0, max: on.max };
  return { min: 0, max: product(Math.ceil(on.max / from.min), to.max) };
}

function joined(list: Size, element: Size | undefined, separator: Size | undefined): CallCost {
  const between = separator ? product(separator.max, Math.max(list.max - 1, 0)) : 0;
  const size = { min: 0, max: product(list.max, element?.max ?? 0) + between };
  return { cost: walked(size), size };
}
