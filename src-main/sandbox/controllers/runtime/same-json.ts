/** True when two JSON values say the same; absent fields and fields set to undefined are alike. */
export function sameJson(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return false;
  if (Array.isArray(left) || Array.isArray(right)) {
    if (!Array.isArray(left) || !Array.isArray(right) || left.length !== right.length) return false;
    return left.every((item, index) => sameJson(item, right[index]));
  }
  return sameFields(left as Record<string, unknown>, right as Record<string, unknown>);
}

function sameFields(left: Record<string, unknown>, right: Record<string, unknown>): boolean {
  for (const field in left) if (!sameJson(left[field], right[field])) return false;
  for (const field in right) if (!(field in left) && right[field] !== undefined) return false;
  return true;
}
