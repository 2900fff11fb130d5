/** The order of a merged list: what the patch orders comes as it says, the rest keeps its place among what it knew before. */

/**
 * `order` ranks highest, then the order the items had in `before`. Items are compared by `keyed`; none is lost.
 */
export function mergedOrder(
  items: readonly unknown[],
  order: readonly unknown[],
  before: readonly unknown[],
  keyed: (item: unknown) => unknown,
): unknown[] {
  const ordered = ranks(order, keyed);
  const known = ranks(before, keyed);
  const byRank = (rank: Map<unknown, number>) => (a: unknown, b: unknown) =>
    (rank.get(keyed(a)) ?? rank.size) - (rank.get(keyed(b)) ?? rank.size);
  const patched = items.filter((item) => ordered.has(keyed(item))).sort(byRank(ordered));
  const others = items.filter((item) => !ordered.has(keyed(item))).sort(byRank(known));
  return interleave(others, patched, (item) => known.get(keyed(item)));
}

function ranks(items: readonly unknown[], keyed: (item: unknown) => unknown): Map<unknown, number> {
  const rank = new Map<unknown, number>();
  for (const [at, item] of items.entries()) {
    const key = keyed(item);
    if (!rank.has(key)) rank.set(key, at);
  }
  return rank;
}

/** Puts each of `others` before the first of `patched` that was known to come after it. */
function interleave(
  others: readonly unknown[],
  patched: readonly unknown[],
  known: (item: unknown) => number | undefined,
): unknown[] {
  const merged: unknown[] = [];
  let at = 0;
  for (const item of patched) {
    const place = known(item) ?? -1;
    for (; at < others.length && (known(others[at]) ?? Infinity) < place; at++) merged.push(others[at]);
    merged.push(item);
  }
  return [...merged, ...others.slice(at)];
}
