/**
 * A list that must be there and has nothing in it is stored as null: the wire format of the server's store does not tell the
 * one from the other.
 */
export function emptyAsNull<T extends object>(holder: T | undefined, field: keyof T): void {
  const list = holder?.[field];
  if (holder && Array.isArray(list) && list.length === 0) holder[field] = null as never;
}
