import type { AnyObject } from '#common/kube/object';
import type { Versions } from '#main/sandbox/machinery/versions';
import type { Entry } from '#main/sandbox/store/entry';

/**
 * How the objects of a registry lie in the store, where that is not as they are served: several registries, one per version
 * of a custom resource, then share a collection. Answers come at once unless somebody else has to be asked. Throws
 * ApiStatusError for what cannot be converted.
 */
export interface StoredForm {
  /** Whether somebody outside of this server may be asked, who may not answer. */
  readonly isAsked: boolean;
  /** All versions of the kind, in any of which fields may be owned. */
  readonly versions: Versions;
  /** A stored state as the registry serves it; made at most once. The same entry where nothing is to be changed. */
  read(entry: Entry): Entry | Promise<Entry>;
  /** The same, asked for once more. */
  readAnew(entry: Entry): Entry | Promise<Entry>;
  /** An object of the registry as it is stored. */
  write(object: AnyObject): AnyObject | Promise<AnyObject>;
}

/** States that are read at the same time: enough to hide the way, not enough to bury who answers. */
const AT_ONCE = 16;

/** Many states in their order; at once where nobody has to be asked. The first failure ends it. */
export function readAll(form: StoredForm, entries: readonly Entry[]): readonly Entry[] | Promise<readonly Entry[]> {
  const read: Entry[] = [];
  for (const entry of entries) {
    const one = form.read(entry);
    if (one instanceof Promise) return readOn(form, entries, { read, next: one });
    read.push(one);
  }
  return read;
}

async function readOn(
  form: StoredForm,
  entries: readonly Entry[],
  { read, next }: { read: Entry[]; next: Promise<Entry> },
): Promise<readonly Entry[]> {
  read.push(await next);
  while (read.length < entries.length) {
    const batch = entries.slice(read.length, read.length + AT_ONCE);
    read.push(...(await Promise.all(batch.map((entry) => form.read(entry)))));
  }
  return read;
}
