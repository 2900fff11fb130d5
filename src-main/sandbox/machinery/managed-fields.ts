/**
 * Who owns which field: `metadata.managedFields` after a write. Applying is in `patch/apply-patch.ts`; every other write
 * (create, update, the other patches) goes through `updateManagedFields`.
 */
import type { ManagedFieldsEntry } from '#common/kube/object';
import {
  MEMBER,
  NO_FIELDS,
  difference,
  differenceBelow,
  intersection,
  isEmptySet,
  union,
  type FieldSet,
} from './field-set';
import { sameValue } from './same-value';
import type { TypeSchema } from './schema';
import { emptyStruct } from './strict-fields';
import { compareFields, type Difference } from './typed-compare';
import { isFields, type Fields } from './typed-values';

/** A write as its owner's entry shows it. */
export interface FieldWrite {
  /** The `fieldManager` of the request, or what its user agent has before the first `/`. */
  manager: string;
  /** The version that the request was made in: `apps/v1`. */
  apiVersion: string;
  subresource?: string | undefined;
  /** RFC 3339, whole seconds; undefined where the endpoint forgets it, as `scale` does. */
  time: string | undefined;
  schema: TypeSchema;
  /** Fields that the endpoint resets, which nobody can own by writing there: `{'f:status': {}}` for most kinds. */
  resetFields?: FieldSet | undefined;
  /** The same write as owners in other versions see it, where their fields are other ones. */
  elsewhere?: Differences | undefined;
}

/** What a write changes, by the `apiVersion` in which it is seen. */
export type Differences = ReadonlyMap<string, Difference>;

/** The name that owns what was there before anybody applied. */
export const BEFORE_FIRST_APPLY = 'before-first-apply';

/** Entries of managers that update (rather than apply) are merged into one above this number. */
const MOST_UPDATERS = 10;
const ANCIENT = 'ancient-changes';

/**
 * The managedFields of `next`, which replaces `live` (undefined: it is created). Both are canonical (`checkFields`), `next`
 * with defaults. The very entries of `live` come back when the write changes no field, so that a write that changes
 * nothing stays one. Parts that `live` and `next` share are not looked at.
 */
export function updateManagedFields(live: object | undefined, next: object, write: FieldWrite): ManagedFieldsEntry[] {
  const before = (live ?? emptyStruct(write.schema)) as Fields;
  const entries = entriesBefore(before, next as Fields, write.subresource);
  const { changed, removed } = withoutMetadata(compareFields(before, next as Fields, write.schema));
  if (isEmptySet(changed) && isEmptySet(removed)) return entries;
  const owned = write.resetFields ? differenceBelow(changed, write.resetFields) : changed;
  const released = releaseFields(entries, { changed, removed }, write.elsewhere);
  return capped(sortEntries(withOwner(released, owned, write)));
}

/** A client that does not know managedFields leaves them out, which does not delete them; an empty entry does. */
function entriesBefore(live: Fields, next: Fields, subresource: string | undefined): ManagedFieldsEntry[] {
  const known = managedFieldsOf(live);
  const given = managedFieldsOf(next);
  if (subresource || given.length === 0 || sameValue(given, known)) return known;
  const [only] = given;
  return given.length === 1 && only && Object.keys(only).length === 0 ? [] : given.filter((entry) => entry.fieldsV1);
}

export function managedFieldsOf(object: object): ManagedFieldsEntry[] {
  const { metadata } = object as { metadata?: { managedFields?: ManagedFieldsEntry[] } };
  return metadata?.managedFields ?? [];
}

/** What others owned and the write changed or removed is theirs no longer. */
export function releaseFields(
  entries: readonly ManagedFieldsEntry[],
  change: Difference,
  elsewhere?: Differences,
): ManagedFieldsEntry[] {
  return entries.flatMap((entry) => {
    const { changed, removed } = changeSeenBy(entry, change, elsewhere);
    const own = fieldSetOf(entry);
    const left = difference(difference(own, intersection(own, changed)), removed);
    if (left === own) return [entry];
    return isEmptySet(left) ? [] : [{ ...entry, fieldsV1: left }];
  });
}

/** A write as an owner sees it, who may write in another version. */
export function changeSeenBy(
  { apiVersion = '' }: ManagedFieldsEntry,
  change: Difference,
  elsewhere: Differences | undefined,
): Difference {
  return elsewhere?.get(apiVersion) ?? change;
}

/** The versions other than `apiVersion` in which fields are owned. */
export function otherVersions(entries: readonly ManagedFieldsEntry[], apiVersion: string): string[] {
  if (entries.every((entry) => entry.apiVersion === apiVersion)) return [];
  const versions = new Set(entries.map((entry) => entry.apiVersion ?? apiVersion));
  versions.delete(apiVersion);
  return [...versions];
}

/** Entries with `owned` added to the writer's own; without a change if it owns nothing by this write. */
function withOwner(entries: ManagedFieldsEntry[], owned: FieldSet, write: FieldWrite): ManagedFieldsEntry[] {
  if (isEmptySet(owned)) return entries;
  const own = entryOf(write, 'Update', owned);
  const at = entries.findIndex((entry) => isSameManager(entry, own));
  const previous = entries[at];
  if (!previous) return [...entries, own];
  return entries.with(at, { ...own, fieldsV1: union(fieldSetOf(previous), owned) });
}

export function fieldSetOf(entry: ManagedFieldsEntry): FieldSet {
  return (entry.fieldsV1 ?? NO_FIELDS) as FieldSet;
}

export function entryOf(write: FieldWrite, operation: 'Apply' | 'Update', fields: FieldSet): ManagedFieldsEntry {
  return {
    manager: write.manager,
    operation,
    apiVersion: write.apiVersion,
    ...(write.time ? { time: write.time } : {}),
    fieldsType: 'FieldsV1',
    fieldsV1: fields,
    ...(write.subresource ? { subresource: write.subresource } : {}),
  };
}

/** Who applies is one manager in all versions; who updates is one per version. */
export function isSameManager(left: ManagedFieldsEntry, right: ManagedFieldsEntry): boolean {
  return (
    left.manager === right.manager &&
    left.operation === right.operation &&
    (left.subresource ?? '') === (right.subresource ?? '') &&
    (left.operation === 'Apply' || left.apiVersion === right.apiVersion)
  );
}

const METADATA_FIELDS = [
  'name',
  'namespace',
  'creationTimestamp',
  'selfLink',
  'uid',
  'generation',
  'managedFields',
  'resourceVersion',
];

/** Type and identity belong to nobody. */
const UNOWNED: FieldSet = {
  'f:apiVersion': MEMBER,
  'f:kind': MEMBER,
  'f:metadata': { '.': MEMBER, ...Object.fromEntries(METADATA_FIELDS.map((name) => [`f:${name}`, MEMBER])) },
};

/** What managed fields never speak of, taken out. */
export function ownable(set: FieldSet): FieldSet {
  const metadata = set['f:metadata'];
  if (!metadata && !set['f:kind'] && !set['f:apiVersion']) return set;
  const managed = metadata?.['f:managedFields'];
  const trimmed = managed && metadata ? { ...set, 'f:metadata': { ...metadata, 'f:managedFields': MEMBER } } : set;
  return difference(trimmed, UNOWNED);
}

function withoutMetadata({ changed, removed }: Difference): Difference {
  return { changed: ownable(changed), removed: ownable(removed) };
}

/** Appliers first, then by time and name. */
export function sortEntries(entries: readonly ManagedFieldsEntry[]): ManagedFieldsEntry[] {
  const rank = (entry: ManagedFieldsEntry) =>
    [entry.operation, entry.time ?? '', entry.manager, entry.apiVersion, entry.subresource ?? ''] as const;
  return [...entries].sort((left, right) => {
    const [a, b] = [rank(left), rank(right)];
    for (let at = 0; at < a.length; at++) {
      const [x, y] = [a[at] ?? '', b[at] ?? ''];
      if (x !== y) return x < y ? -1 : 1;
    }
    return 0;
  });
}

/** Merges the oldest updaters of a version into one entry until there are few enough. */
function capped(entries: ManagedFieldsEntry[]): ManagedFieldsEntry[] {
  const updaters = entries.filter((entry) => entry.operation === 'Update');
  let surplus = updaters.length - MOST_UPDATERS;
  if (surplus <= 0) return entries;
  const buckets = new Map<string, ManagedFieldsEntry[]>();
  for (const entry of updaters) {
    if (surplus <= 0) break;
    const bucket = buckets.get(entry.apiVersion ?? '');
    if (bucket) {
      bucket.push(entry);
      surplus--;
    } else buckets.set(entry.apiVersion ?? '', [entry]);
  }
  const merged = [...buckets.values()].filter((bucket) => bucket.length > 1);
  const gone = new Set(merged.flat());
  return sortEntries([...entries.filter((entry) => !gone.has(entry)), ...merged.map(bucketOf)]);
}

function bucketOf(entries: readonly ManagedFieldsEntry[]): ManagedFieldsEntry {
  const latest = entries.at(-1);
  return {
    manager: ANCIENT,
    operation: 'Update',
    ...(latest?.apiVersion ? { apiVersion: latest.apiVersion } : {}),
    ...(latest?.time ? { time: latest.time } : {}),
    fieldsType: 'FieldsV1',
    fieldsV1: entries.map(fieldSetOf).reduce(union, NO_FIELDS),
  };
}

/** A copy with other managedFields, or with none. */
export function withManagedFields(object: Fields, entries: readonly ManagedFieldsEntry[]): Fields {
  const { managedFields: _previous, ...metadata } = isFields(object['metadata']) ? object['metadata'] : {};
  return { ...object, metadata: entries.length > 0 ? { ...metadata, managedFields: entries } : metadata };
}
