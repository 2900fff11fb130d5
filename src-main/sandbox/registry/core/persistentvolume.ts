import { PersistentVolumes } from '#common/kube/resources';
import type { PersistentVolume, PersistentVolumeSpec } from '#common/kube/types';
import { sameValue } from '#main/sandbox/machinery/same-value';
import { timeNow } from '../creation-time';
import { forbiddenField, type FieldError } from '../field-errors';
import { checkMetadata, checkMetadataUpdate } from '../metadata-rules';
import { dnsSubdomain } from '../names';
import { defineStrategy } from '../strategy';
import { checkUnchanged } from '../value-rules';
import { nodeTermWarnings } from './node-labels';
import { goDiff } from './go-form';
import { checkPersistentVolumeSpec, sourceOf } from './persistent-volume-rules';

const PHASE = 'Pending';

const OLD_OPTIONS = 'volume.beta.kubernetes.io/mount-options';

export const persistentVolumeStrategy = defineStrategy<PersistentVolume>({
  resource: PersistentVolumes,
  prepareForCreate(draft, { clock }) {
    draft.status = { phase: PHASE, lastPhaseTransitionTime: timeNow(clock) };
  },
  checks: {
    create(volume, into) {
      checkVolume(volume, into);
      checkOldOptions(volume, into);
    },
    update(next, current, into) {
      // The server looks at the whole volume twice, and says so.
      checkVolume(next, into);
      checkOldOptions(next, into);
      checkVolume(next, into);
      checkChange(next.spec, current.spec, into);
    },
  },
  subresources: {
    status: {
      prepare(next, current, { clock }) {
        const [now, before] = [next.status ?? {}, current.status ?? {}];
        const isSame = now.phase === before.phase;
        const time = now.lastPhaseTransitionTime;
        if (isSame && !time && before.lastPhaseTransitionTime)
          next.status = { ...now, lastPhaseTransitionTime: before.lastPhaseTransitionTime };
        if (!isSame && (!time || time === before.lastPhaseTransitionTime))
          next.status = { ...now, lastPhaseTransitionTime: timeNow(clock) };
      },
      validate: (next, current) => {
        const errors: FieldError[] = [];
        checkMetadataUpdate(next.metadata, current.metadata, errors);
        return errors;
      },
    },
  },
  warnings: volumeWarnings,
  selectableFields: ({ metadata }) => ({ name: metadata.name }),
});

function checkVolume({ metadata, spec }: PersistentVolume, into: FieldError[]): void {
  checkMetadata(metadata, dnsSubdomain, into);
  checkPersistentVolumeSpec(spec ?? {}, 'spec', into, { name: metadata.name });
}

/** Those that are mounted by something that takes options. */
const MOUNTED: readonly (keyof PersistentVolumeSpec)[] = [
  'gcePersistentDisk',
  'awsElasticBlockStore',
  'glusterfs',
  'nfs',
  'rbd',
  'quobyte',
  'iscsi',
  'cinder',
  'cephfs',
  'azureFile',
  'vsphereVolume',
  'azureDisk',
  'photonPersistentDisk',
];

function checkOldOptions({ metadata, spec }: PersistentVolume, into: FieldError[]): void {
  if (metadata.annotations?.[OLD_OPTIONS] === undefined || MOUNTED.some((source) => spec?.[source])) return;
  into.push(
    forbiddenField(`metadata.annotations.${OLD_OPTIONS}`, 'may not specify mount options for this volume type'),
  );
}

function checkChange(next: PersistentVolumeSpec, current: PersistentVolumeSpec, into: FieldError[]): void {
  if (!sameValue(comparable(next, current), sourceOf(current)))
    into.push(
      forbiddenField(
        'spec.persistentvolumesource',
        `spec.persistentvolumesource is immutable after creation\n${goDiff(current, next, 'PersistentVolumeSource')}`,
      ),
    );
  checkUnchanged(next.volumeMode, current.volumeMode, 'volumeMode', into);
  if (current.volumeAttributesClassName !== undefined && next.volumeAttributesClassName === undefined)
    into.push(forbiddenField('spec.volumeAttributesClassName', 'update from non-nil value to nil is forbidden'));
}

/** A secret for expansion may be added later. */
function comparable(next: PersistentVolumeSpec, current: PersistentVolumeSpec): object {
  const source = sourceOf(next);
  if (!next.csi?.controllerExpandSecretRef || !current.csi || current.csi.controllerExpandSecretRef) return source;
  const { controllerExpandSecretRef: _secret, ...csi } = next.csi;
  return { ...source, csi };
}

const OLD_ANNOTATIONS: readonly (readonly [string, string])[] = [
  ['volume.beta.kubernetes.io/storage-class', 'deprecated since v1.8; use "storageClassName" attribute instead'],
  [OLD_OPTIONS, 'deprecated since v1.31; use "mountOptions" attribute instead'],
];
const OLD_SOURCES: readonly (readonly [field: keyof PersistentVolumeSpec, path: string, text: string])[] = [
  ['cephfs', 'cephfs', 'deprecated in v1.28, non-functional in v1.31+'],
  ['photonPersistentDisk', 'photonPersistentDisk', 'deprecated in v1.11, non-functional in v1.16+'],
  ['scaleIO', 'scaleIO', 'deprecated in v1.16, non-functional in v1.22+'],
  ['storageos', 'storageOS', 'deprecated in v1.22, non-functional in v1.25+'],
  ['glusterfs', 'glusterfs', 'deprecated in v1.25, non-functional in v1.26+'],
  ['rbd', 'rbd', 'deprecated in v1.28, non-functional in v1.31+'],
];

function volumeWarnings({ metadata, spec }: PersistentVolume): string[] {
  const terms = spec.nodeAffinity?.required?.nodeSelectorTerms ?? [];
  return [
    ...OLD_ANNOTATIONS.flatMap(([key, text]) =>
      metadata.annotations?.[key] === undefined ? [] : [`metadata.annotations[${key}]: ${text}`],
    ),
    ...(spec.persistentVolumeReclaimPolicy === 'Recycle'
      ? [
          'spec.persistentVolumeReclaimPolicy: The Recycle reclaim policy is deprecated. Instead, the recommended approach is to use dynamic provisioning.',
        ]
      : []),
    ...terms.flatMap((term, at) => nodeTermWarnings(term, `spec.nodeAffinity.required.nodeSelectorTerms[${at}]`)),
    ...OLD_SOURCES.flatMap(([field, path, text]) => (spec[field] === undefined ? [] : [`spec.${path}: ${text}`])),
  ];
}
