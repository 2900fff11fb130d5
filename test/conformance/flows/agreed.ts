/** What a real cluster does not do the same way twice; it agrees with anything. */
export const VARIES = '<varies>';

/** What two runs of one flow have in common: where they differ, nothing is expected. */
export function agreed(one: unknown, other: unknown): unknown {
  if (Object.is(one, other)) return one;
  if (Array.isArray(one) && Array.isArray(other) && one.length === other.length)
    return one.map((item, at) => agreed(item, other[at]));
  if (!isObject(one) || !isObject(other)) return VARIES;
  const keys = new Set([...Object.keys(one), ...Object.keys(other)]);
  return Object.fromEntries([...keys].sort().map((key) => [key, agreed(one[key], other[key])]));
}

/** `found` with what varies in `expected` put in its place, so that the two can be compared. */
export function lenient(expected: unknown, found: unknown): unknown {
  if (expected === VARIES) return VARIES;
  if (Array.isArray(expected) && Array.isArray(found)) return found.map((item, at) => lenient(expected[at], item));
  if (!isObject(expected) || !isObject(found)) return found;
  const varying = Object.keys(expected).filter((key) => expected[key] === VARIES);
  const entries = Object.entries(found).map(([key, value]) => [key, lenient(expected[key], value)] as const);
  return { ...Object.fromEntries(entries), ...Object.fromEntries(varying.map((key) => [key, VARIES])) };
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
