import { PersistentVolumeClaims } from '#common/kube/resources';
import type { PersistentVolumeClaim, PersistentVolumeClaimSpec, TypedObjectReference } from '#common/kube/types';
import { quantityNanos } from '#main/sandbox/machinery/quantity';
import { sameValue } from '#main/sandbox/machinery/same-value';
import { takeOver } from '../doors';
import { forbiddenField, invalidValue, notSupported, type FieldError } from '../field-errors';
import { checkMetadata, checkMetadataUpdate } from '../metadata-rules';
import { dnsSubdomain, qualifiedName } from '../names';
import { defineStrategy, gathered } from '../strategy';
import { checkName, checkQuantity, checkUnchanged } from '../value-rules';
import { checkClaimSpec, claimWarnings } from './claim-rules';
import { goDiff } from './go-form';
import { isNative } from './resource-rules';

const OLD_CLASS = 'volume.beta.kubernetes.io/storage-class';

export const persistentVolumeClaimStrategy = defineStrategy<PersistentVolumeClaim>({
  resource: PersistentVolumeClaims,
  prepareForCreate(draft) {
    draft.status = { phase: 'Pending' };
    draft.spec = withSources(draft.spec, undefined);
  },
  update: {
    complete(next, current) {
      next.spec = withSources(next.spec, current.spec);
    },
  },
  checks: {
    create: checkClaim,
    update(next, current, into) {
      checkMetadataUpdate(next.metadata, current.metadata, into);
      checkClaim(next, into);
      checkChange(next, current, into);
    },
  },
  subresources: { status: { validate: gathered(checkStatus) } },
  warnings: ({ metadata, spec }) => [
    ...(metadata.annotations?.[OLD_CLASS] === undefined
      ? []
      : [`metadata.annotations[${OLD_CLASS}]: deprecated since v1.8; use "storageClassName" attribute instead`]),
    ...claimWarnings(spec, 'spec'),
  ],
  selectableFields: ({ metadata }) => ({ name: metadata.name }),
});

function checkClaim({ metadata, spec }: PersistentVolumeClaim, into: FieldError[]): void {
  checkMetadata(metadata, dnsSubdomain, into);
  checkClaimSpec(spec ?? {}, 'spec', into);
}

/** The two fields for a source say the same; references into other namespaces are not open to anybody yet. */
function withSources(
  spec: PersistentVolumeClaimSpec,
  current: PersistentVolumeClaimSpec | undefined,
): PersistentVolumeClaimSpec {
  const { dataSource, dataSourceRef, ...rest } = spec;
  const wasUsed = Boolean(current?.dataSource ?? current?.dataSourceRef);
  const reference = dataSourceRef?.namespace && !current?.dataSourceRef ? undefined : dataSourceRef;
  const source = dataSource && !wasUsed && !reference && !isCopied(dataSource) ? undefined : dataSource;
  const both = source ?? reference;
  if (!both) return dataSource || dataSourceRef ? rest : spec;
  const { apiGroup, kind, name } = both;
  const local = { ...(apiGroup === undefined ? {} : { apiGroup }), kind, name };
  return { ...rest, dataSource: source ?? local, dataSourceRef: reference ?? local };
}

function isCopied({ apiGroup, kind }: TypedObjectReference): boolean {
  if (kind === 'PersistentVolumeClaim') return !apiGroup;
  return kind === 'VolumeSnapshot' && apiGroup === 'snapshot.storage.k8s.io';
}

const IMMUTABLE =
  'spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims\n';

function checkChange(next: PersistentVolumeClaim, current: PersistentVolumeClaim, into: FieldError[]): void {
  checkOldClass(next, current, into);
  const now = fixed(next, current.spec);
  const before = { ...current.spec };
  if (!before.volumeName) takeOver(before, now, 'volumeName');
  if (!sameValue(now, before))
    into.push(forbiddenField('spec', IMMUTABLE + goDiff(before, now, 'PersistentVolumeClaimSpec')));
  const size = sizeOf(next);
  if (size < sizeOf(current) && size <= quantityNanos(current.status?.capacity?.['storage'] ?? '0'))
    into.push(forbiddenField('spec.resources.requests.storage', 'field can not be less than status.capacity'));
  checkUnchanged(next.spec.volumeMode, current.spec.volumeMode, 'volumeMode', into);
  const { volumeAttributesClassName: name } = next.spec;
  if (name === current.spec.volumeAttributesClassName || !current.status?.currentVolumeAttributesClassName) return;
  const field = 'spec.volumeAttributesClassName';
  const when = 'is forbidden when status.currentVolumeAttributesClassName is not nil';
  if (name === undefined) into.push(forbiddenField(field, `update to nil ${when}`));
  else if (name === '') into.push(forbiddenField(field, `update to empty string ${when}`));
}

const sizeOf = ({ spec }: PersistentVolumeClaim): bigint => quantityNanos(spec.resources?.requests?.['storage'] ?? '0');

function checkOldClass(next: PersistentVolumeClaim, current: PersistentVolumeClaim, into: FieldError[]): void {
  const [name, before] = [next.metadata.annotations?.[OLD_CLASS], current.metadata.annotations?.[OLD_CLASS]];
  const isUpgraded =
    before !== undefined &&
    current.spec.storageClassName === undefined &&
    next.spec.storageClassName === before &&
    (name === undefined || name === before);
  if (!isUpgraded && name !== before)
    into.push(invalidValue(`metadata.annotations.${OLD_CLASS}`, name ?? '', 'field is immutable'));
}

/** A bound claim may grow and change its attributes; a class and a volume may come once. */
function fixed({ spec, status }: PersistentVolumeClaim, current: PersistentVolumeClaimSpec): PersistentVolumeClaimSpec {
  const next = { ...spec };
  if (current.storageClassName === undefined) delete next.storageClassName;
  if (status?.phase !== 'Bound') return next;
  takeOver(next, current, 'volumeAttributesClassName');
  const size = current.resources?.requests?.['storage'];
  if (next.resources?.requests && size !== undefined)
    next.resources = { ...next.resources, requests: { ...next.resources.requests, storage: size } };
  return next;
}

const RESIZES = [
  'ControllerResizeInProgress',
  'ControllerResizeInfeasible',
  'NodeResizeInProgress',
  'NodeResizeInfeasible',
  'NodeResizePending',
].sort();

function checkStatus({ status = {} }: PersistentVolumeClaim, _current: unknown, into: FieldError[]): void {
  for (const [name, amount] of Object.entries(status.capacity ?? {}))
    if (amount.startsWith('-')) {
      const body = `Invalid value: ${amount}: must be a valid resource quantity`;
      into.push({ reason: 'FieldValueInvalid', field: `status.capacity[${name}]`, body });
    }
  for (const [name, state] of Object.entries(status.allocatedResourceStatuses ?? {})) {
    checkKey(name, 'status.allocatedResourceStatuses', into);
    if (!RESIZES.includes(state)) into.push(notSupported('status.allocatedResourceStatuses', name, RESIZES));
  }
  for (const [name, amount] of Object.entries(status.allocatedResources ?? {})) {
    if (!checkKey(name, 'status.allocatedResources', into)) continue;
    checkQuantity(amount, `status.allocatedResources[${name}]`, into);
  }
}

function checkKey(name: string, path: string, into: FieldError[]): boolean {
  const before = into.length;
  checkName(name, qualifiedName, path, into);
  if (into.length === before && isNative(name) && name !== 'storage') into.push(notSupported(path, name, ['storage']));
  return into.length === before;
}
