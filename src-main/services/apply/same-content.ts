import type { AnyObject } from '#common/kube/object';

/** True when a write changed nothing a person wrote or reads: bookkeeping of the server aside. */
export function sameContent(before: AnyObject, after: AnyObject): boolean {
  return stable(withoutBookkeeping(before)) === stable(withoutBookkeeping(after));
}

function withoutBookkeeping({ metadata, ...rest }: AnyObject): unknown {
  const { managedFields: _managed, resourceVersion: _revision, generation: _generation, ...kept } = metadata;
  return { ...rest, metadata: kept };
}

/** JSON with the keys of every map in order. */
function stable(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).toSorted(([left], [right]) => (left < right ? -1 : 1)))
      : inner,
  );
}
