/** True when two JSON values say the same; absent fields and fields set to undefined are alike. */
export function sameJson(left: unknown, right: unknown): boolean {
  return same(left, right, isAbsent);
}

/** Like `sameJson` for a status, whose counts of zero the server leaves out. */
export function sameStatus(left: unknown, right: unknown): boolean {
  return same(left, right, isZero);
}

type Nothing = (value: unknown) => boolean;

const isAbsent: Nothing = (value) => value === undefined;

const isZero: Nothing = (value) =>
  value === undefined || value === 0 || value === '' || (Array.isArray(value) && value.length === 0);

function same(left: unknown, right: unknown, isNothing: Nothing): boolean {
  if (left === right || (isNothing(left) && isNothing(right))) return true;
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return false;
  if (Array.isArray(left) || Array.isArray(right)) {
    if (!Array.isArray(left) || !Array.isArray(right) || left.length !== right.length) return false;
    return left.every((item, index) => same(item, right[index], isNothing));
  }
  return sameFields(left as Record<string, unknown>, right as Record<string, unknown>, isNothing);
}

function sameFields(left: Record<string, unknown>, right: Record<string, unknown>, isNothing: Nothing): boolean {
  for (const field in left) if (!same(left[field], right[field], isNothing)) return false;
  for (const field in right) if (!(field in left) && !isNothing(right[field])) return false;
  return true;
}
