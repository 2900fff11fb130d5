/** Server-side apply: `application/apply-patch+yaml`. */
import type { AnyObject, ManagedFieldsEntry } from '#common/kube/object';
import { apiVersionOf, parseApiVersion } from '#common/kube/resource';
import { failure, type ApiStatusError, type StatusCause } from '#common/kube/status-error';
import {
  difference,
  differenceBelow,
  intersection,
  isEmptySet,
  NO_FIELDS,
  pathsOf,
  union,
  type FieldSet,
} from '../field-set';
import {
  BEFORE_FIRST_APPLY,
  changeSeenBy,
  entryOf,
  fieldSetOf,
  isSameManager,
  managedFieldsOf,
  otherVersions,
  ownable,
  releaseFields,
  sortEntries,
  updateManagedFields,
  withManagedFields,
  type Differences,
  type FieldWrite,
} from '../managed-fields';
import { sameValue } from '../same-value';
import { goKind } from '../scalars';
import type { TypeSchema } from '../schema';
import { emptyStruct } from '../strict-fields';
import { compareFields, type Difference } from '../typed-compare';
import { mergeConfig, removeFields, withNamedFields } from '../typed-merge';
import { fieldsOf, problemsOf } from '../typed-set';
import type { Fields } from '../typed-values';
import { changesIn, inVersion, type Versioned, type Versions } from '../versions';
import { badPatch, patchFailed } from './patch-errors';

export interface ApplyWrite extends FieldWrite {
  /** Takes fields that others own instead of refusing. */
  force: boolean;
}

/**
 * `live` (undefined: it is created) after `patch` is applied, with its new managedFields. Neither argument is edited. The
 * result is not yet canonical, nor does it have defaults: pass it through `checkFields` and `applyDefaults`. Throws 409 with
 * a cause per field for conflicts, 400 for a patch of another version or with managedFields, 500 for what is not in the schema.
 */
export function applyServerSidePatch(live: object | undefined, patch: unknown, write: ApplyWrite): Fields {
  const begun = begin(live as Fields | undefined, patch, write);
  return conclude(begun, pruned(begun));
}

/** The same where fields may be owned in other versions, with names of their own; at once where none are. */
export function applyAcrossVersions(
  live: AnyObject | undefined,
  patch: unknown,
  write: ApplyWrite,
  versions: Versions,
): Fields | Promise<Fields> {
  const begun = begin(live, patch, write);
  const elsewhere = otherVersions(begun.entries, write.apiVersion);
  if (elsewhere.length === 0) return conclude(begun, pruned(begun));
  return concludeAcross(begun, elsewhere, versions);
}

async function concludeAcross(begun: Begun, elsewhere: readonly string[], versions: Versions): Promise<Fields> {
  const merged = await prunedAcross(begun, versions);
  const others = elsewhere.filter((version) => begun.others.some(({ apiVersion }) => apiVersion === version));
  return conclude(begun, merged, await changesIn(others, { before: begun.bare, next: merged }, versions));
}

function configOf(patch: unknown, { schema, apiVersion }: ApplyWrite): Fields {
  const config = appliedObject(patch);
  const given = { apiVersion: textOf(config['apiVersion']), kind: textOf(config['kind']) };
  if (given.apiVersion !== apiVersion || (schema.gvk && given.kind !== schema.gvk.kind)) {
    const { group, version } = parseApiVersion(given.apiVersion);
    throw badPatch(`invalid object type: ${group}/${version}, Kind=${given.kind}`);
  }
  const { managedFields } = (config['metadata'] ?? {}) as Fields;
  if (managedFields !== undefined && managedFields !== null) throw badPatch('metadata.managedFields must be nil');
  const problems = problemsOf(config, schema);
  if (problems.length === 0) return config;
  const list =
    problems.length === 1 ? problems[0] : ['errors:', ...problems.map((problem) => `  ${problem}`)].join('\n');
  throw patchFailed(`failed to create typed patch object (${describe(config, schema)}): ${list}`);
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

function appliedObject(patch: unknown): Fields {
  if (typeof patch === 'object' && patch !== null && !Array.isArray(patch)) return patch as Fields;
  const why = `json: cannot unmarshal ${goKind(patch)} into Go value of type map[string]interface {}`;
  throw badPatch(`error decoding YAML: error unmarshaling JSON: while decoding JSON: ${why}`);
}

/** `default/web; apps/v1, Kind=Deployment`. */
function describe(config: Fields, { gvk }: TypeSchema): string {
  const { name = '', namespace = '' } = (config['metadata'] ?? {}) as { name?: string; namespace?: string };
  return `${namespace}/${name}; ${gvk ? `${apiVersionOf(gvk)}, Kind=${gvk.kind}` : ''}`;
}

interface Owned {
  object: Fields;
  entries: ManagedFieldsEntry[];
}

/** What was written before anybody's fields were tracked gets an owner of its own. */
function before(live: Fields | undefined, write: ApplyWrite): Owned {
  if (!live) return { object: emptyStruct(write.schema), entries: [] };
  const entries = managedFieldsOf(live);
  if (entries.length > 0) return { object: live, entries };
  const first = { ...write, manager: BEFORE_FIRST_APPLY };
  return { object: live, entries: updateManagedFields(undefined, live, first) };
}

interface Conflict {
  entry: ManagedFieldsEntry;
  fields: FieldSet;
}

interface Application {
  config: Fields;
  write: ApplyWrite;
}

/** An application before it is known what it takes away. */
interface Begun extends Application {
  live: Fields;
  /** `live` without its managedFields. */
  bare: Fields;
  entries: ManagedFieldsEntry[];
  /** What the manager owns from now on, and what it owned. */
  own: ManagedFieldsEntry;
  previous: ManagedFieldsEntry | undefined;
  others: ManagedFieldsEntry[];
  /** The fields that are applied. */
  fields: FieldSet;
  merged: Fields;
}

function begin(given: Fields | undefined, patch: unknown, write: ApplyWrite): Begun {
  const { schema } = write;
  const config = configOf(patch, write);
  const { object: live, entries } = before(given, write);
  const set = fieldsOf(config, schema);
  const fields = write.resetFields ? differenceBelow(set, write.resetFields) : set;
  const own = entryOf(write, 'Apply', ownable(fields));
  const previous = entries.find((entry) => isSameManager(entry, own));
  const others = entries.filter((entry) => entry !== previous);
  const bare = withManagedFields(live, []);
  const merged = mergeConfig(bare, config, schema);
  return { config, write, live, bare, entries, own, previous, others, fields, merged };
}

/** The finished object, unless others' fields stand in its way. */
function conclude(begun: Begun, merged: Fields, elsewhere?: Differences): Fields {
  const { bare, own, previous, others, live, write } = begun;
  const changes = compareFields(bare, merged, write.schema);
  const conflicts = write.force ? [] : conflictsOf(others, changes, elsewhere);
  const left = isKubectlUpgrade(write) ? withoutOwnPast(conflicts, live, write.schema) : conflicts;
  if (left.length > 0) throw conflictError(left);
  const entry = sameValue(merged, bare) ? withTimeOf(own, previous) : own;
  return finished({ ...begun, merged }, [...releaseFields(others, changes, elsewhere), entry]);
}

/** Who applies what is there already has changed nothing at no time. */
function withTimeOf({ time: _now, ...own }: ManagedFieldsEntry, previous: ManagedFieldsEntry | undefined) {
  return previous?.time ? { ...own, time: previous.time } : own;
}

function finished({ live, merged, config, write }: Begun, entries: ManagedFieldsEntry[]): Fields {
  const kept = entries.filter((entry) => !isEmptySet(fieldSetOf(entry)));
  return withManagedFields(syncLastApplied(merged, live, { config, write }), sortEntries(kept));
}

/** Takes out what the manager applied before, does not apply now, and nobody else owns. */
function pruned({ merged, previous, others, fields, write: { schema } }: Begun): Fields {
  const last = previous ? fieldSetOf(previous) : NO_FIELDS;
  if (isEmptySet(last)) return merged;
  const whole = { object: merged, schema };
  const without = removeFields(merged, withNamedFields(last, schema), schema);
  const restored = givenBack(whole, without, others.map(fieldSetOf).reduce(union, fields));
  return withoutGone(whole, restored, last);
}

/** The same where the manager applied in another version, or others own fields in others. */
async function prunedAcross({ merged, previous, others, fields, write }: Begun, versions: Versions): Promise<Fields> {
  const last = previous ? fieldSetOf(previous) : NO_FIELDS;
  const { apiVersion = write.apiVersion } = previous ?? {};
  if (isEmptySet(last)) return merged;
  const owned = new Map([[write.apiVersion, fields]]);
  for (const entry of others) {
    const version = entry.apiVersion ?? write.apiVersion;
    owned.set(version, union(owned.get(version) ?? NO_FIELDS, fieldSetOf(entry)));
  }
  const whole = await inVersion(merged, apiVersion, versions);
  let left = removeFields(whole.object, withNamedFields(last, whole.schema), whole.schema);
  // First in the version it was applied in: fields that conversion needs may have gone.
  for (const version of [apiVersion, ...[...owned.keys()].filter((one) => one !== apiVersion)]) {
    const there = owned.get(version);
    if (!there) continue;
    const seen = await inVersion(left, version, versions);
    left = givenBack(await inVersion(whole.object, version, versions), seen.object, there);
  }
  const back = await inVersion(left, apiVersion, versions);
  const kept = await inVersion(withoutGone(whole, back.object, last), write.apiVersion, versions);
  return kept.object;
}

/** What is left of the whole, and what somebody owns of it. */
function givenBack({ object, schema }: Versioned, left: Fields, owned: FieldSet): Fields {
  const named = (set: FieldSet) => withNamedFields(set, schema);
  const kept = union(named(fieldsOf(left, schema)), named(owned));
  return removeFields(object, difference(named(fieldsOf(object, schema)), kept), schema);
}

/** The whole without those fields of `last` that are not left. */
function withoutGone({ object, schema }: Versioned, left: Fields, last: FieldSet): Fields {
  const named = (set: FieldSet) => withNamedFields(set, schema);
  const gone = difference(named(fieldsOf(object, schema)), named(fieldsOf(left, schema)));
  return removeFields(object, intersection(gone, named(last)), schema);
}

function conflictsOf(
  others: readonly ManagedFieldsEntry[],
  changes: Difference,
  elsewhere: Differences | undefined,
): Conflict[] {
  return others.flatMap((entry) => {
    const fields = intersection(fieldSetOf(entry), changeSeenBy(entry, changes, elsewhere).changed);
    return isEmptySet(fields) ? [] : [{ entry, fields }];
  });
}

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/** kubectl may take over what it applied itself on the client's side. */
const isKubectlUpgrade = ({ manager }: ApplyWrite): boolean => manager === 'kubectl';

function lastApplied(object: Fields): string {
  const { annotations } = (object['metadata'] ?? {}) as { annotations?: Record<string, string> };
  return annotations?.[LAST_APPLIED] ?? '';
}

/** Conflicts are no conflicts in fields that still hold what was last applied from the client's side. */
function withoutOwnPast(conflicts: readonly Conflict[], live: Fields, schema: TypeSchema): Conflict[] {
  const past = parsed(lastApplied(live));
  if (!past || past['apiVersion'] !== live['apiVersion'] || problemsOf(past, schema).length > 0) return [...conflicts];
  const { changed, removed } = compareFields(past, live, schema);
  const allowed = difference(difference(fieldsOf(past, schema), changed), removed);
  return conflicts
    .map(({ entry, fields }) => ({ entry, fields: difference(fields, allowed) }))
    .filter(({ fields }) => !isEmptySet(fields));
}

function parsed(text: string): Fields | undefined {
  if (!text) return undefined;
  try {
    return JSON.parse(text) as Fields;
  } catch {
    return undefined;
  }
}

/** Keeps the annotation in step, so that `kubectl apply` from the client's side still finds what was applied last. */
function syncLastApplied(merged: Fields, live: Fields, { config, write }: Application): Fields {
  if (!isKubectlUpgrade(write) || !lastApplied(live) || !lastApplied(merged)) return merged;
  const metadata = merged['metadata'] as Fields;
  const annotations = {
    ...(metadata['annotations'] as Fields),
    [LAST_APPLIED]: `${JSON.stringify(withoutAnnotation(config))}\n`,
  };
  return { ...merged, metadata: { ...metadata, annotations } };
}

function withoutAnnotation(config: Fields): Fields {
  const metadata = config['metadata'] as { annotations?: Fields } | undefined;
  if (!metadata?.annotations) return config;
  const { [LAST_APPLIED]: _own, ...annotations } = metadata.annotations;
  return { ...config, metadata: { ...metadata, annotations } };
}

/** 409 with a cause per field; one conflict is told in a line, several by manager. */
function conflictError(conflicts: readonly Conflict[]): ApiStatusError {
  const sorted = [...conflicts].sort((a, b) => (managerId(a.entry) < managerId(b.entry) ? -1 : 1));
  const list = sorted.map(({ entry, fields }) => ({ manager: managerText(entry), paths: pathsOf(fields) }));
  const causes = list.flatMap(({ manager, paths }) =>
    paths.map((field): StatusCause => ({ reason: 'FieldManagerConflict', message: `conflict with ${manager}`, field })),
  );
  const lines = list.flatMap(({ manager, paths }) => [
    `conflicts with ${manager}:`,
    ...paths.map((path) => `- ${path}`),
  ]);
  const [only] = causes;
  const message =
    causes.length === 1 && only
      ? `Apply failed with 1 conflict: ${only.message}: ${only.field}`
      : `Apply failed with ${causes.length} conflicts: ${lines.join('\n')}`;
  return failure(409, 'Conflict', message, { causes });
}

/** The server's own name of a manager, by which it sorts them. */
function managerId({ manager, operation, apiVersion, subresource }: ManagedFieldsEntry): string {
  return JSON.stringify({
    manager,
    operation,
    apiVersion: operation === 'Apply' ? undefined : apiVersion,
    subresource,
  });
}

/** `"kubectl" using apps/v1`, `"kubelet" with subresource "status" using v1`, `"helm"`. */
function managerText({ manager, subresource, operation, apiVersion }: ManagedFieldsEntry): string {
  const name = JSON.stringify(manager ?? '') + (subresource ? ` with subresource ${JSON.stringify(subresource)}` : '');
  return operation === 'Update' ? `${name} using ${apiVersion}` : name;
}
