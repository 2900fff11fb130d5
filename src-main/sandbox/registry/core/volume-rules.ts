/** The rules of a Pod's volumes (core validation's ValidateVolumes). */
import type { ObjectMeta } from '#common/kube/object';
import type {
  DownwardAPIVolumeFile,
  KeyToPath,
  PersistentVolumeClaimTemplate,
  ProjectedVolumeSource,
  Volume,
  VolumeProjection,
} from '#common/kube/types';
import { quantityNanos } from '#main/sandbox/machinery/quantity';
import { duplicateValue, forbiddenField, invalidValue, required, type FieldError } from '../field-errors';
import { checkAnnotations, checkLabels } from '../metadata-rules';
import { dnsLabel, dnsSubdomain } from '../names';
import { checkName, checkNeeded, checkWord } from '../value-rules';
import { checkClaimSpec } from './claim-rules';
import { checkFieldReference, checkResourceReference, VOLUME_FIELDS } from './field-reference-rules';
import { checkDescendingPath, checkLocalPath, checkMode } from './path-rules';
import * as sources from './volume-source-rules';

/** What a volume's rules need to know of the Pod. */
export interface VolumePlace {
  /** Missing in templates. */
  pod?: Pick<ObjectMeta, 'name'> | undefined;
}

/** Volumes that are right, by their names: mounts may refer to them. */
export type KnownVolumes = ReadonlyMap<string, Volume>;

const NO_VOLUMES: KnownVolumes = new Map();

export function checkVolumes(
  volumes: readonly Volume[] | undefined,
  path: string,
  place: VolumePlace,
  into: FieldError[],
): KnownVolumes {
  if (!volumes?.length) return NO_VOLUMES;
  const known = new Map<string, Volume>();
  const claims = claimsMade(volumes, place);
  for (const [at, volume] of volumes.entries()) {
    const here = `${path}[${at}]`;
    const before = into.length;
    checkSource(volume, here, place, into);
    if (!volume.name) into.push(required(`${here}.name`));
    else checkName(volume.name, dnsLabel, `${here}.name`, into);
    if (known.has(volume.name)) into.push(duplicateValue(`${here}.name`, volume.name));
    if (into.length === before) known.set(volume.name, volume);
    const claim = volume.persistentVolumeClaim?.claimName;
    if (claim !== undefined && claims?.has(claim))
      into.push(
        invalidValue(
          `${here}.persistentVolumeClaim.claimName`,
          claim,
          'must not reference a PVC that gets created for an ephemeral volume',
        ),
      );
  }
  return known;
}

function claimsMade(volumes: readonly Volume[], { pod }: VolumePlace): ReadonlySet<string> | undefined {
  if (!pod?.name || !volumes.some(({ ephemeral }) => ephemeral)) return undefined;
  return new Set(volumes.filter(({ ephemeral }) => ephemeral).map(({ name }) => `${pod.name}-${name}`));
}

type Source = keyof Omit<Volume, 'name'>;
type Check<T> = (source: T, path: string, into: FieldError[], about: { volume: Volume; place: VolumePlace }) => void;
interface SourceRule {
  field: Source;
  /** How the rules call it. */
  path: string;
  /** How the refusal of a second source calls it. */
  second: string;
  check: Check<never>;
}

const rule = <K extends Source>(field: K, check: Check<NonNullable<Volume[K]>>, path: string = field): SourceRule => ({
  field,
  path,
  second: SECONDS[field] ?? field,
  check: check as Check<never>,
});

/** Misspelt by the server. */
const SECONDS: Partial<Record<Source, string>> = { cephfs: 'cephFS', downwardAPI: 'downwarAPI' };

/** In the order in which the server looks for them. */
const RULES: readonly SourceRule[] = [
  rule('emptyDir', ({ sizeLimit }, path, into) => {
    if (sizeLimit !== undefined && quantityNanos(sizeLimit) < 0n)
      into.push(forbiddenField(`${path}.sizeLimit`, 'SizeLimit field must be a valid resource quantity'));
  }),
  rule('hostPath', sources.checkHostPath),
  rule('gitRepo', ({ repository, directory = '' }, path, into) => {
    checkNeeded(repository, `${path}.repository`, into);
    checkDescendingPath(directory, `${path}.directory`, into);
  }),
  rule('gcePersistentDisk', sources.checkGce, 'persistentDisk'),
  rule('awsElasticBlockStore', sources.checkAws),
  rule('secret', ({ secretName, defaultMode, items }, path, into) => {
    checkNeeded(secretName, `${path}.secretName`, into);
    checkMode(defaultMode, `${path}.defaultMode`, into);
    checkItems(items, `${path}.items`, into);
  }),
  rule('nfs', sources.checkNfs),
  rule('iscsi', (iscsi, path, into, { volume: { name } }) => {
    sources.checkIscsi(iscsi, path, into);
    if (iscsi.initiatorName !== undefined && `${name}:${iscsi.targetPortal}`.length > 64)
      into.push(invalidValue(`${path.slice(0, path.lastIndexOf('.'))}.name`, name, sources.TOO_LONG_TARGET));
  }),
  rule('glusterfs', ({ endpoints, path: share }, path, into) => {
    checkNeeded(endpoints, `${path}.endpoints`, into);
    checkNeeded(share, `${path}.path`, into);
  }),
  rule('flocker', sources.checkFlocker),
  rule('persistentVolumeClaim', ({ claimName }, path, into) => checkNeeded(claimName, `${path}.claimName`, into)),
  rule('rbd', sources.checkRbd),
  rule('cinder', ({ volumeID, secretRef }, path, into) => {
    checkNeeded(volumeID, `${path}.volumeID`, into);
    if (secretRef) checkNeeded(secretRef.name, `${path}.secretRef.name`, into);
  }),
  rule('cephfs', sources.checkCephFs),
  rule('quobyte', sources.checkQuobyte),
  rule('downwardAPI', ({ defaultMode, items = [] }, path, into) => {
    checkMode(defaultMode, `${path}.defaultMode`, into);
    for (const item of items) checkFile(item, path, into);
  }),
  rule('fc', sources.checkFc),
  rule('flexVolume', sources.checkFlexVolume),
  rule('configMap', ({ name, defaultMode, items }, path, into) => {
    checkNeeded(name, `${path}.name`, into);
    checkMode(defaultMode, `${path}.defaultMode`, into);
    checkItems(items, `${path}.items`, into);
  }),
  rule('azureFile', ({ secretName, shareName }, path, into) => {
    checkNeeded(secretName, `${path}.secretName`, into);
    checkNeeded(shareName, `${path}.shareName`, into);
  }),
  rule('vsphereVolume', sources.checkVsphere),
  rule('photonPersistentDisk', sources.checkPhoton),
  rule('portworxVolume', sources.checkPortworx),
  rule('azureDisk', sources.checkAzureDisk),
  rule('storageos', (source, path, into) => sources.checkStorageOs(source, path, into)),
  rule('projected', (source, path, into) => {
    checkMode(source.defaultMode, `${path}.defaultMode`, into);
    checkProjections(source, path, into);
  }),
  rule('scaleIO', sources.checkScaleIo),
  rule('csi', ({ driver, nodePublishSecretRef: secret }, path, into) => {
    sources.checkCsiDriverName(driver, `${path}.driver`, into);
    if (!secret) return;
    if (!secret.name) into.push(required(`${path}.nodePublishSecretRef.name`));
    else checkName(secret.name, dnsSubdomain, `${path}.name`, into);
  }),
  rule('ephemeral', ({ volumeClaimTemplate: template }, path, into, { volume: { name }, place: { pod } }) => {
    if (!template) into.push(required(`${path}.volumeClaimTemplate`));
    else checkClaimTemplate(template, `${path}.volumeClaimTemplate`, into);
    if (!pod?.name || !name) return;
    const claim = `${pod.name}-${name}`;
    for (const text of dnsSubdomain(claim))
      into.push(invalidValue(`${path.slice(0, path.lastIndexOf('.'))}.name`, name, `PVC name "${claim}": ${text}`));
  }),
  rule('image', ({ reference, pullPolicy }, path, into, { place: { pod } }) => {
    if (pod && !reference) into.push(required(`${path}.reference`));
    checkWord(pullPolicy, ['Always', 'IfNotPresent', 'Never'], `${path}.pullPolicy`, into);
  }),
];

function checkSource(volume: Volume, path: string, place: VolumePlace, into: FieldError[]): void {
  let isFound = false;
  for (const { field, path: name, second, check } of RULES) {
    const source = volume[field];
    if (source === undefined) continue;
    if (isFound) into.push(forbiddenField(`${path}.${second}`, 'may not specify more than 1 volume type'));
    else check(source as never, `${path}.${name}`, into, { volume, place });
    isFound = true;
  }
  if (!isFound) into.push(required(path, 'must specify a volume type'));
}

function checkItems(items: readonly KeyToPath[] | undefined, path: string, into: FieldError[]): void {
  for (const [at, item] of (items ?? []).entries()) checkItem(item, `${path}[${at}]`, into);
}

function checkItem({ key, path: target, mode }: KeyToPath, path: string, into: FieldError[]): void {
  checkNeeded(key, `${path}.key`, into);
  checkNeeded(target, `${path}.path`, into);
  checkLocalPath(target, `${path}.path`, into);
  checkMode(mode, `${path}.mode`, into);
}

function checkFile(
  { path: target, fieldRef, resourceFieldRef, mode }: DownwardAPIVolumeFile,
  path: string,
  into: FieldError[],
): void {
  checkNeeded(target, `${path}.path`, into);
  checkLocalPath(target, `${path}.path`, into);
  if (fieldRef) {
    checkFieldReference(fieldRef, VOLUME_FIELDS, `${path}.fieldRef`, into);
    if (resourceFieldRef)
      into.push(invalidValue(path, 'resource', 'fieldRef and resourceFieldRef can not be specified simultaneously'));
  } else if (resourceFieldRef) checkResourceReference(resourceFieldRef, true, `${path}.resourceFieldRef`, into);
  else into.push(required(path, 'one of fieldRef and resourceFieldRef is required'));
  checkMode(mode, `${path}.mode`, into);
}

const MIN_TOKEN_SECONDS = 600;
const MAX_TOKEN_SECONDS = 2 ** 32;

function checkProjections({ sources: all = [] }: ProjectedVolumeSource, path: string, into: FieldError[]): void {
  const paths = new Set<string>();
  const take = (target: string, owner: string): void => {
    if (!target) return;
    if (paths.has(target)) into.push(invalidValue(path, owner, 'conflicting duplicate paths'));
    paths.add(target);
  };
  for (const [at, source] of all.entries()) {
    const here = `${path}.sources[${at}]`;
    checkProjection(source, { here, path, take }, into);
    if (Object.keys(source).length > 1)
      into.push(forbiddenField(here, 'may not specify more than 1 volume type per source'));
  }
}

interface ProjectionPlace {
  here: string;
  /** Of the volume: some problems are told of there. */
  path: string;
  take(target: string, owner: string): void;
}

function checkProjection(source: VolumeProjection, { here, path, take }: ProjectionPlace, into: FieldError[]): void {
  for (const kind of ['secret', 'configMap'] as const) {
    const keys = source[kind];
    if (!keys) continue;
    checkNeeded(keys.name, `${here}.${kind}.name`, into);
    for (const [at, item] of (keys.items ?? []).entries()) {
      checkItem(item, `${here}.${kind}.items[${at}]`, into);
      take(item.path, keys.name ?? '');
    }
  }
  for (const file of source.downwardAPI?.items ?? []) {
    checkFile(file, `${here}.downwardAPI`, into);
    take(file.path, file.path);
  }
  const token = source.serviceAccountToken;
  if (!token) return;
  const { expirationSeconds = MIN_TOKEN_SECONDS } = token;
  const field = `${here}.serviceAccountToken.expirationSeconds`;
  if (expirationSeconds < MIN_TOKEN_SECONDS)
    into.push(invalidValue(field, expirationSeconds, 'may not specify a duration less than 10 minutes'));
  if (expirationSeconds > MAX_TOKEN_SECONDS)
    into.push(invalidValue(field, expirationSeconds, 'may not specify a duration larger than 2^32 seconds'));
  if (!token.path) into.push(required(`${path}.path`));
  else checkLocalPath(token.path, `${path}.path`, into);
}

function checkClaimTemplate({ metadata, spec }: PersistentVolumeClaimTemplate, path: string, into: FieldError[]): void {
  checkAnnotations(metadata?.annotations, `${path}.metadata.annotations`, into);
  checkLabels(metadata?.labels, `${path}.metadata.labels`, into);
  for (const field of FIXED_METADATA) {
    const value = metadata?.[field];
    if (value !== undefined && value !== '') into.push(forbiddenField(`${path}.metadata.${field}`, 'cannot be set'));
  }
  checkClaimSpec(spec, `${path}.spec`, into);
}

const FIXED_METADATA = ['name', 'generateName', 'namespace', 'ownerReferences', 'finalizers'] as const;
