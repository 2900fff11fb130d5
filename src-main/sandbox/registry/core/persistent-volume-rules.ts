/** The rules of a PersistentVolume's spec; VolumeAttachments may carry one too. */
import type { PersistentVolumeSpec, SecretReference } from '#common/kube/types';
import { eachInvalid, forbiddenField, notSupported, required, type FieldError } from '../field-errors';
import { dnsLabel, dnsSubdomain } from '../names';
import { checkName, checkNeeded, checkNeededName, checkOptionalWord, checkPositiveQuantity } from '../value-rules';
import { ACCESS_MODES, VOLUME_MODES } from './claim-rules';
import { checkNodeSelector } from './node-selector-rules';
import { checkNoBacksteps } from './path-rules';
import * as sources from './volume-source-rules';

const RECLAIM_POLICIES = ['Delete', 'Recycle', 'Retain'];
const SECOND = 'may not specify more than 1 volume type';
const INLINE = 'may not be specified in the context of inline volumes';

/** `volume` is missing where the spec stands inside of another object. */
export function checkPersistentVolumeSpec(
  spec: PersistentVolumeSpec,
  path: string,
  into: FieldError[],
  volume?: { name: string },
): void {
  if (!volume) checkInline(spec, path, into);
  checkModes(spec.accessModes ?? [], `${path}.accessModes`, into);
  if (volume) checkCapacity(spec.capacity ?? {}, `${path}.capacity`, into);
  checkPolicy(spec.persistentVolumeReclaimPolicy, `${path}.persistentVolumeReclaimPolicy`, into, volume);
  checkAffinity(spec, path, into, volume);
  checkSources(spec, path, into, volume);
  const isRoot = spec.hostPath !== undefined && /^\/+$/.test(spec.hostPath.path);
  if (isRoot && spec.persistentVolumeReclaimPolicy === 'Recycle')
    into.push(
      forbiddenField(`${path}.persistentVolumeReclaimPolicy`, "may not be 'recycle' for a hostPath mount of '/'"),
    );
  checkClasses(spec, path, into, volume);
}

function checkInline({ claimRef, capacity, csi }: PersistentVolumeSpec, path: string, into: FieldError[]): void {
  if (claimRef) into.push(forbiddenField(`${path}.claimRef`, INLINE));
  if (capacity && Object.keys(capacity).length > 0) into.push(forbiddenField(`${path}.capacity`, INLINE));
  if (!csi) into.push(required(`${path}.csi`, 'has to be specified in the context of inline volumes'));
}

function checkModes(modes: readonly string[], path: string, into: FieldError[]): void {
  if (modes.length === 0) into.push(required(path));
  for (const mode of modes) if (!ACCESS_MODES.includes(mode)) into.push(notSupported(path, mode, ACCESS_MODES));
  const others = modes.some((mode) => mode !== 'ReadWriteOncePod' && ACCESS_MODES.includes(mode));
  if (others && modes.includes('ReadWriteOncePod'))
    into.push(forbiddenField(path, 'may not use ReadWriteOncePod with other access modes'));
}

function checkCapacity(capacity: Record<string, string>, path: string, into: FieldError[]): void {
  const names = Object.keys(capacity);
  if (names.length === 0) into.push(required(path));
  if (capacity['storage'] === undefined || names.length > 1)
    into.push(notSupported(path, names.length > 0 ? capacity : undefined, ['storage']));
  for (const name of names) {
    const amount = capacity[name] ?? '';
    if (amount.startsWith('-')) {
      const body = `Invalid value: ${amount}: must be a valid resource quantity`;
      into.push({ reason: 'FieldValueInvalid', field: `${path}[${name}]`, body });
    }
    checkPositiveQuantity(amount, `${path}[${name}]`, into);
  }
}

function checkPolicy(
  policy: string | undefined,
  path: string,
  into: FieldError[],
  volume: { name: string } | undefined,
): void {
  if (!policy) return;
  if (volume) checkOptionalWord(policy, RECLAIM_POLICIES, path, into);
  else if (policy !== 'Retain') into.push(forbiddenField(path, 'may only be Retain in the context of inline volumes'));
}

function checkAffinity(
  { nodeAffinity }: PersistentVolumeSpec,
  path: string,
  into: FieldError[],
  volume: { name: string } | undefined,
): void {
  if (!nodeAffinity) return;
  const here = `${path}.nodeAffinity`;
  if (!volume) into.push(forbiddenField(here, INLINE));
  else if (nodeAffinity.required) checkNodeSelector(nodeAffinity.required, `${here}.required`, into);
  else into.push(required(`${here}.required`, 'must specify required node constraints'));
}

type Source = keyof PersistentVolumeSpec;
type Check<T> = (
  source: T,
  path: string,
  into: FieldError[],
  about: { spec: PersistentVolumeSpec; name: string },
) => void;
interface SourceRule {
  field: Source;
  path: string;
  second: string;
  check: Check<never>;
}

const rule = <K extends Source>(
  field: K,
  check: Check<NonNullable<PersistentVolumeSpec[K]>>,
  names: { path?: string; second?: string } = {},
): SourceRule => ({
  field,
  path: names.path ?? field,
  second: names.second ?? field,
  check: check as Check<never>,
});

/** In the order in which the server looks for them. */
const RULES: readonly SourceRule[] = [
  rule('hostPath', sources.checkHostPath),
  rule('gcePersistentDisk', sources.checkGce, { path: 'persistentDisk' }),
  rule('awsElasticBlockStore', sources.checkAws),
  rule('glusterfs', ({ endpoints, path: share, endpointsNamespace: namespace }, path, into) => {
    checkNeeded(endpoints, `${path}.endpoints`, into);
    checkNeeded(share, `${path}.path`, into);
    if (namespace === undefined) return;
    const detail = 'if the endpointnamespace is set, it must be a valid namespace name';
    eachInvalid(into, `${path}.endpointsNamespace`, namespace, namespace === '' ? [detail] : dnsLabel(namespace));
  }),
  rule('flocker', sources.checkFlocker),
  rule('nfs', sources.checkNfs),
  rule('rbd', sources.checkRbd),
  rule('quobyte', sources.checkQuobyte),
  rule('cephfs', sources.checkCephFs, { second: 'cephFS' }),
  rule('iscsi', (iscsi, path, into, { name }) => sources.checkIscsi(iscsi, path, into, { name })),
  rule('cinder', ({ volumeID, secretRef }, path, into) => {
    checkNeeded(volumeID, `${path}.volumeID`, into);
    if (!secretRef) return;
    checkNeeded(secretRef.name, `${path}.secretRef.name`, into);
    checkNeeded(secretRef.namespace, `${path}.secretRef.namespace`, into);
  }),
  rule('fc', sources.checkFc),
  rule('flexVolume', sources.checkFlexVolume),
  rule('azureFile', ({ secretName, shareName, secretNamespace }, path, into) => {
    checkNeeded(secretName, `${path}.secretName`, into);
    checkNeeded(shareName, `${path}.shareName`, into);
    if (secretNamespace === '') into.push(required(`${path}.secretNamespace`));
  }),
  rule('vsphereVolume', sources.checkVsphere),
  rule('photonPersistentDisk', sources.checkPhoton),
  rule('portworxVolume', sources.checkPortworx),
  rule('azureDisk', sources.checkAzureDisk),
  rule('scaleIO', sources.checkScaleIo),
  rule('local', ({ path: local }, path, into, { spec: { nodeAffinity } }) => {
    if (!local) into.push(required(`${path}.path`));
    else checkNoBacksteps(local, `${path}.path`, into);
    if (!nodeAffinity)
      into.push(
        required(`${path.slice(0, path.lastIndexOf('.'))}.nodeAffinity`, 'Local volume requires node affinity'),
      );
  }),
  rule('storageos', (source, path, into) => sources.checkStorageOs(source, path, into, true)),
  rule('csi', (csi, path, into) => {
    sources.checkCsiDriverName(csi.driver, `${path}.driver`, into);
    checkNeeded(csi.volumeHandle, `${path}.volumeHandle`, into);
    for (const field of CSI_SECRETS) if (csi[field]) checkSecret(csi[field], `${path}.${field}`, into);
  }),
];

const CSI_SECRETS = [
  'controllerPublishSecretRef',
  'controllerExpandSecretRef',
  'nodePublishSecretRef',
  'nodeExpandSecretRef',
] as const;

function checkSecret({ name, namespace }: SecretReference, path: string, into: FieldError[]): void {
  checkNeededName(name, dnsSubdomain, `${path}.name`, into);
  checkNeededName(namespace, dnsLabel, `${path}.namespace`, into);
}

function checkSources(
  spec: PersistentVolumeSpec,
  path: string,
  into: FieldError[],
  volume: { name: string } | undefined,
): void {
  let isFound = false;
  for (const { field, path: name, second, check } of RULES) {
    const source = spec[field];
    if (source === undefined) continue;
    if (isFound && field !== 'flexVolume') into.push(forbiddenField(`${path}.${second}`, SECOND));
    else check(source as never, `${path}.${name}`, into, { spec, name: volume?.name ?? '' });
    isFound = true;
  }
  if (!isFound) into.push(required(path, 'must specify a volume type'));
}

/** The part of the spec that says what the volume is made of. */
export function sourceOf(spec: PersistentVolumeSpec): object {
  return Object.fromEntries(RULES.flatMap(({ field }) => (spec[field] === undefined ? [] : [[field, spec[field]]])));
}

function checkClasses(
  spec: PersistentVolumeSpec,
  path: string,
  into: FieldError[],
  volume: { name: string } | undefined,
): void {
  const { storageClassName, volumeMode, volumeAttributesClassName: attributes } = spec;
  if (storageClassName) {
    if (volume) checkName(storageClassName, dnsSubdomain, `${path}.storageClassName`, into);
    else into.push(forbiddenField(`${path}.storageClassName`, INLINE));
  }
  if (volume) checkOptionalWord(volumeMode, VOLUME_MODES, `${path}.volumeMode`, into);
  else if (volumeMode !== undefined && volumeMode !== 'Filesystem') {
    const detail = 'may not specify volumeMode other than Filesystem in the context of inline volumes';
    into.push(forbiddenField(`${path}.volumeMode`, detail));
  }
  if (attributes === undefined || !volume) return;
  const field = `${path}.volumeAttributesClassName`;
  if (attributes === '') into.push(required(field, 'an empty string is disallowed'));
  else checkName(attributes, dnsSubdomain, field, into);
  if (!spec.csi) into.push(required(`${path}.csi`, 'has to be specified when using volumeAttributesClassName'));
}
