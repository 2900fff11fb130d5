import type { AnyObject, ObjectMeta, OwnerReference } from '#common/kube/object';
import { sameValue } from '#main/sandbox/machinery/same-value';
import {
  duplicateValue,
  eachInvalid,
  forbiddenField,
  invalidValue,
  must,
  required,
  type FieldError,
} from './field-errors';
import { dnsSubdomain, labelValue, qualifiedName, type NameRule } from './names';

const MOST_ANNOTATION_BYTES = 256 * 1024;

/** The rules every object's metadata follows (apimachinery's ValidateObjectMeta). */
export function validateMetadata({ metadata }: AnyObject, names: NameRule = dnsSubdomain): FieldError[] {
  return [
    ...nameErrors(metadata, names),
    ...labelErrors(metadata.labels, 'metadata.labels'),
    ...annotationErrors(metadata.annotations, 'metadata.annotations'),
    ...ownerErrors(metadata.ownerReferences ?? []),
    ...(metadata.finalizers ?? []).flatMap((name) =>
      qualifiedName(name).map((text) => invalidValue('metadata.finalizers', name, text)),
    ),
  ];
}

function nameErrors({ name, generateName }: ObjectMeta, names: NameRule): FieldError[] {
  const errors: FieldError[] = [];
  if (generateName) {
    // A prefix may end where a whole name may not.
    const prefix = generateName.endsWith('-') ? `${generateName.slice(0, -1)}a` : generateName;
    errors.push(...names(prefix).map((text) => invalidValue('metadata.generateName', generateName, text)));
  }
  if (!name) return [...errors, required('metadata.name', 'name or generateName is required')];
  return [...errors, ...names(name).map((text) => invalidValue('metadata.name', name, text))];
}

export function labelErrors(labels: Record<string, string> | undefined, path: string): FieldError[] {
  if (!labels) return [];
  return Object.entries(labels).flatMap(([key, value]) => [
    ...qualifiedName(key).map((text) => invalidValue(path, key, text)),
    ...labelValue(value).map((text) => invalidValue(path, value, text)),
  ]);
}

export function annotationErrors(annotations: Record<string, string> | undefined, path: string): FieldError[] {
  if (!annotations) return [];
  let bytes = 0;
  const errors: FieldError[] = [];
  for (const [key, value] of Object.entries(annotations)) {
    bytes += Buffer.byteLength(key) + Buffer.byteLength(value);
    errors.push(...qualifiedName(key.toLowerCase()).map((text) => invalidValue(path, key, text)));
  }
  if (bytes > MOST_ANNOTATION_BYTES) {
    errors.push({
      reason: 'FieldValueTooLong',
      field: path,
      body: `Too long: may not be more than ${MOST_ANNOTATION_BYTES} bytes`,
    });
  }
  return errors;
}

function ownerErrors(owners: readonly OwnerReference[]): FieldError[] {
  const path = 'metadata.ownerReferences';
  const controllers = owners.filter(({ controller }) => controller);
  const several = controllers.length > 1;
  return [
    ...owners.flatMap((owner) => [
      ...must(owner.apiVersion !== '', () => invalidValue(`${path}.apiVersion`, '', 'version must not be empty')),
      ...must(owner.kind !== '', () => invalidValue(`${path}.kind`, '', 'must not be empty')),
      ...must(owner.name !== '', () => invalidValue(`${path}.name`, '', 'must not be empty')),
      ...must(owner.uid !== '', () => invalidValue(`${path}.uid`, '', 'must not be empty')),
    ]),
    ...(several
      ? [
          invalidValue(
            path,
            owners,
            `Only one reference can have Controller set to true. Found "true" in references for ${controllers[0]?.kind}/${controllers[0]?.name} and ${controllers[1]?.kind}/${controllers[1]?.name}`,
          ),
        ]
      : []),
  ];
}

/** What an update may not do to metadata, after the fields that the server owns were taken over. */
export function validateMetadataUpdate(next: AnyObject, current: AnyObject): FieldError[] {
  const errors: FieldError[] = [];
  const { deletionTimestamp, finalizers = [] } = current.metadata;
  if (deletionTimestamp) {
    const added = (next.metadata.finalizers ?? []).filter((one) => !finalizers.includes(one));
    if (added.length > 0) {
      const detail = `no new finalizers can be added if the object is being deleted, found new finalizers []string{${added.map((one) => `"${one}"`).join(', ')}}`;
      errors.push(forbiddenField('metadata.finalizers', detail));
    }
  }
  return errors;
}

const STANDARD_FINALIZERS = new Set(['kubernetes', 'orphan', 'foregroundDeletion']);
const BARE_FINALIZER = 'name is neither a standard finalizer name nor is it fully qualified';

/** The rules of a new object's metadata, as the built-in kinds have them (core's ValidateObjectMeta). */
export function checkMetadata(metadata: ObjectMeta, names: NameRule, into: FieldError[]): void {
  const { labels, annotations, ownerReferences, finalizers, generateName } = metadata;
  if (generateName || !metadata.name) into.push(...nameErrors(metadata, names));
  else eachInvalid(into, 'metadata.name', metadata.name, names(metadata.name));
  checkLabels(labels, 'metadata.labels', into);
  checkAnnotations(annotations, 'metadata.annotations', into);
  if (ownerReferences) checkOwners(ownerReferences, into);
  if (!finalizers) return;
  for (const name of finalizers) eachInvalid(into, 'metadata.finalizers', name, qualifiedName(name));
  if (finalizers.includes('orphan') && finalizers.includes('foregroundDeletion')) {
    const detail = 'finalizer orphan and foregroundDeletion cannot be both set';
    into.push(invalidValue('metadata.finalizers', finalizers, detail));
  }
  for (const [at, name] of finalizers.entries()) checkBareFinalizer(name, `metadata.finalizers[${at}]`, into);
}

export function checkBareFinalizer(name: string, path: string, into: FieldError[]): void {
  if (!name.includes('/') && !STANDARD_FINALIZERS.has(name)) into.push(invalidValue(path, name, BARE_FINALIZER));
}

/** What no update may do to metadata, whatever the kind. */
export function checkCommonUpdate(next: ObjectMeta, current: ObjectMeta, into: FieldError[]): void {
  if (current.deletionTimestamp) {
    const before = current.finalizers ?? [];
    const added = (next.finalizers ?? []).filter((one) => !before.includes(one)).sort();
    if (added.length > 0) {
      const detail = `no new finalizers can be added if the object is being deleted, found new finalizers []string{${added.map((one) => `"${one}"`).join(', ')}}`;
      into.push(forbiddenField('metadata.finalizers', detail));
    }
  }
  checkLabels(next.labels, 'metadata.labels', into);
  checkAnnotations(next.annotations, 'metadata.annotations', into);
  if (next.ownerReferences) checkOwners(next.ownerReferences, into);
}

/** `checkCommonUpdate` as the built-in kinds repeat it (core's ValidateObjectMetaUpdate). */
export function checkMetadataUpdate(next: ObjectMeta, current: ObjectMeta, into: FieldError[]): void {
  checkCommonUpdate(next, current, into);
  for (const [at, name] of (next.finalizers ?? []).entries())
    checkBareFinalizer(name, `metadata.finalizers[${at}]`, into);
}

export function checkLabels(labels: Record<string, string> | undefined, path: string, into: FieldError[]): void {
  if (!labels) return;
  for (const key of Object.keys(labels)) {
    const value = labels[key] ?? '';
    eachInvalid(into, path, key, qualifiedName(key));
    eachInvalid(into, path, value, labelValue(value));
  }
}

export function checkAnnotations(
  annotations: Record<string, string> | undefined,
  path: string,
  into: FieldError[],
): void {
  if (annotations) into.push(...annotationErrors(annotations, path));
}

const OWNERS = 'metadata.ownerReferences';

function checkOwners(owners: readonly OwnerReference[], into: FieldError[]): void {
  let first: string | undefined;
  for (const owner of owners) {
    checkOwner(owner, into);
    if (!owner.controller) continue;
    const name = `${owner.kind}/${owner.name}`;
    if (first === undefined) first = name;
    else {
      const detail = `Only one reference can have Controller set to true. Found "true" in references for ${first} and ${name}`;
      into.push(invalidValue(OWNERS, owners, detail));
    }
  }
}

function checkOwner(owner: OwnerReference, into: FieldError[]): void {
  const { apiVersion, kind, name, uid } = owner;
  if (apiVersion === '') into.push(invalidValue(`${OWNERS}.apiVersion`, '', 'version must not be empty'));
  if (kind === '') into.push(invalidValue(`${OWNERS}.kind`, '', 'must not be empty'));
  if (name === '') into.push(invalidValue(`${OWNERS}.name`, '', 'must not be empty'));
  if (uid === '') into.push(invalidValue(`${OWNERS}.uid`, '', 'must not be empty'));
  if (apiVersion === 'v1' && kind === 'Event')
    into.push(invalidValue(OWNERS, owner, '/v1, Kind=Event is disallowed from being an owner'));
}

/** The error of a field that may never change. */
export function immutable(field: string, next: unknown, current: unknown): FieldError[] {
  return must(sameValue(next, current), () => invalidValue(field, next, 'field is immutable'));
}

/** Items that come twice. */
export function duplicates(values: readonly (string | undefined)[], path: (at: number) => string): FieldError[] {
  const seen = new Set<string>();
  return values.flatMap((value, at) => {
    if (value === undefined || value === '') return [];
    if (seen.has(value)) return [duplicateValue(path(at), value)];
    seen.add(value);
    return [];
  });
}
