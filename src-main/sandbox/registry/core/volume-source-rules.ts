/** The rules of storage that Pods and PersistentVolumes mount in the same way. */
import type {
  AWSElasticBlockStoreVolumeSource,
  AzureDiskVolumeSource,
  FCVolumeSource,
  FlexVolumeSource,
  FlockerVolumeSource,
  GCEPersistentDiskVolumeSource,
  HostPathVolumeSource,
  NFSVolumeSource,
  PhotonPersistentDiskVolumeSource,
  PortworxVolumeSource,
  QuobyteVolumeSource,
  VsphereVirtualDiskVolumeSource,
} from '#common/kube/types';
import { invalidValue, notSupported, required, tooLong, type FieldError } from '../field-errors';
import { dnsLabel, dnsSubdomain } from '../names';
import { checkName, checkNeeded, checkNeededName, checkOptionalWord } from '../value-rules';
import { checkNoBacksteps } from './path-rules';

const PATH_TYPES = [
  '',
  'BlockDevice',
  'CharDevice',
  'Directory',
  'DirectoryOrCreate',
  'File',
  'FileOrCreate',
  'Socket',
];

export function checkHostPath({ path: host, type }: HostPathVolumeSource, path: string, into: FieldError[]): void {
  if (!host) {
    into.push(required(`${path}.path`));
    return;
  }
  checkNoBacksteps(host, `${path}.path`, into);
  checkOptionalWord(type, PATH_TYPES, `${path}.type`, into);
}

export function checkGce({ pdName, partition }: GCEPersistentDiskVolumeSource, path: string, into: FieldError[]): void {
  checkNeeded(pdName, `${path}.pdName`, into);
  checkPartition(partition, `${path}.partition`, into);
}

export function checkAws(
  { volumeID, partition }: AWSElasticBlockStoreVolumeSource,
  path: string,
  into: FieldError[],
): void {
  checkNeeded(volumeID, `${path}.volumeID`, into);
  checkPartition(partition, `${path}.partition`, into);
}

function checkPartition(partition: number | undefined, path: string, into: FieldError[]): void {
  if (partition !== undefined && (partition < 0 || partition > 255))
    into.push(invalidValue(path, partition, 'must be between 1 and 255, inclusive'));
}

export function checkNfs({ server, path: share }: NFSVolumeSource, path: string, into: FieldError[]): void {
  checkNeeded(server, `${path}.server`, into);
  checkNeeded(share, `${path}.path`, into);
  if (!share.startsWith('/')) into.push(invalidValue(`${path}.path`, share, 'must be an absolute path'));
}

/** What is common to both forms of an iSCSI volume. */
export interface Iscsi {
  targetPortal: string;
  iqn: string;
  lun: number;
  chapAuthDiscovery?: boolean;
  chapAuthSession?: boolean;
  secretRef?: { name?: string };
  initiatorName?: string;
}

const FORMAT = 'must be valid format';
const FORMATS: readonly [prefix: string, pattern: RegExp][] = [
  ['iqn', /iqn\.\d{4}-\d{2}\.([a-zA-Z0-9-.]+)(:[^,;*&$|\s]+)$/],
  ['eui', /^eui.[a-zA-Z0-9]{16}$/],
  ['naa', /^naa.[a-zA-Z0-9]{32}$/],
];

/** `volume` is the form that a PersistentVolume has: it says less about a wrong name. */
export function checkIscsi(iscsi: Iscsi, path: string, into: FieldError[], volume?: { name: string }): void {
  const { targetPortal, iqn, lun, initiatorName, secretRef } = iscsi;
  const unknown = volume ? FORMAT : 'must be valid format starting with iqn, eui, or naa';
  checkNeeded(targetPortal, `${path}.targetPortal`, into);
  if (volume && initiatorName !== undefined && `${volume.name}:${targetPortal}`.length > 64)
    into.push(invalidValue(`${path}.targetportal`, targetPortal, TOO_LONG_TARGET));
  if (!iqn) into.push(required(`${path}.iqn`));
  else checkInitiator(iqn, unknown, `${path}.iqn`, into);
  if (lun < 0 || lun > 255) into.push(invalidValue(`${path}.lun`, lun, 'must be between 0 and 255, inclusive'));
  if ((iscsi.chapAuthDiscovery || iscsi.chapAuthSession) && !secretRef) into.push(required(`${path}.secretRef`));
  if (volume && secretRef) checkNeeded(secretRef.name, `${path}.secretRef.name`, into);
  if (initiatorName !== undefined) checkInitiator(initiatorName, unknown, `${path}.initiatorname`, into);
}

export const TOO_LONG_TARGET =
  'Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters if iscsi.initiatorName is specified.';

function checkInitiator(name: string, unknown: string, path: string, into: FieldError[]): void {
  const format = FORMATS.find(([prefix]) => name.startsWith(prefix));
  if (!format) into.push(invalidValue(path, name, unknown));
  else if (!format[1].test(name)) into.push(invalidValue(path, name, FORMAT));
}

export function checkFlocker(
  { datasetName, datasetUUID }: FlockerVolumeSource,
  path: string,
  into: FieldError[],
): void {
  if (!datasetName && !datasetUUID) into.push(required(path, 'one of datasetName and datasetUUID is required'));
  if (datasetName && datasetUUID)
    into.push(invalidValue(path, 'resource', 'datasetName and datasetUUID can not be specified simultaneously'));
  if (datasetName?.includes('/')) into.push(invalidValue(`${path}.datasetName`, datasetName, "must not contain '/'"));
}

/** Ceph's block devices, in both forms. */
export function checkRbd(
  { monitors, image }: { monitors: readonly string[]; image: string },
  path: string,
  into: FieldError[],
): void {
  if (monitors.length === 0) into.push(required(`${path}.monitors`));
  checkNeeded(image, `${path}.image`, into);
}

export function checkCephFs({ monitors }: { monitors: readonly string[] }, path: string, into: FieldError[]): void {
  if (monitors.length === 0) into.push(required(`${path}.monitors`));
}

const PAIRS = 'must be a host:port pair or multiple pairs separated by commas';

export function checkQuobyte(
  { registry, tenant, volume }: QuobyteVolumeSource,
  path: string,
  into: FieldError[],
): void {
  if (!registry) into.push(required(`${path}.registry`, PAIRS));
  else if ((tenant ?? '').length >= 65)
    into.push(required(`${path}.tenant`, 'must be a UUID and may not exceed a length of 64 characters'));
  else
    for (const pair of registry.split(','))
      if (!/^(?:[^:[\]]*|\[[^\]]*\]):[^:]*$/.test(pair)) into.push(invalidValue(`${path}.registry`, registry, PAIRS));
  checkNeeded(volume, `${path}.volume`, into);
}

export function checkFc({ targetWWNs = [], wwids = [], lun }: FCVolumeSource, path: string, into: FieldError[]): void {
  const field = `${path}.targetWWNs`;
  if (targetWWNs.length === 0 && wwids.length === 0)
    into.push(required(field, 'must specify either targetWWNs or wwids, but not both'));
  if (targetWWNs.length > 0 && wwids.length > 0)
    into.push(invalidValue(field, targetWWNs, 'targetWWNs and wwids can not be specified simultaneously'));
  if (targetWWNs.length === 0) return;
  if (lun === undefined) into.push(required(`${path}.lun`, 'lun is required if targetWWNs is specified'));
  else if (lun < 0 || lun > 255) into.push(invalidValue(`${path}.lun`, lun, 'must be between 0 and 255, inclusive'));
}

export function checkFlexVolume(
  { driver, options = {} }: Pick<FlexVolumeSource, 'driver' | 'options'>,
  path: string,
  into: FieldError[],
): void {
  checkNeeded(driver, `${path}.driver`, into);
  for (const key of Object.keys(options)) {
    const [domain = ''] = key.split('/');
    if (/\.(?:kubernetes|k8s)\.io$/.test(`.${domain.toLowerCase()}`))
      into.push(invalidValue(`${path}.options[${key}]`, key, 'kubernetes.io and k8s.io namespaces are reserved'));
  }
}

const CACHING = ['None', 'ReadOnly', 'ReadWrite'];
const DISKS = ['Dedicated', 'Managed', 'Shared'];
const MANAGED_URI = '/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/{disk-id}';
const BLOB_URI = 'https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd';

export function checkAzureDisk(
  { diskName, diskURI, cachingMode, kind }: AzureDiskVolumeSource,
  path: string,
  into: FieldError[],
): void {
  checkNeeded(diskName, `${path}.diskName`, into);
  checkNeeded(diskURI, `${path}.diskURI`, into);
  checkOptionalWord(cachingMode, CACHING, `${path}.cachingMode`, into);
  checkOptionalWord(kind, DISKS, `${path}.kind`, into);
  if (kind === 'Managed' && !diskURI.startsWith('/subscriptions/'))
    into.push(notSupported(`${path}.diskURI`, diskURI, [MANAGED_URI]));
  if (kind !== undefined && kind !== 'Managed' && !diskURI.startsWith('https://'))
    into.push(notSupported(`${path}.diskURI`, diskURI, [BLOB_URI]));
}

export const checkVsphere = ({ volumePath }: VsphereVirtualDiskVolumeSource, path: string, into: FieldError[]): void =>
  checkNeeded(volumePath, `${path}.volumePath`, into);

export const checkPhoton = ({ pdID }: PhotonPersistentDiskVolumeSource, path: string, into: FieldError[]): void =>
  checkNeeded(pdID, `${path}.pdID`, into);

export const checkPortworx = ({ volumeID }: PortworxVolumeSource, path: string, into: FieldError[]): void =>
  checkNeeded(volumeID, `${path}.volumeID`, into);

export function checkScaleIo(
  { gateway, system, volumeName }: { gateway: string; system: string; volumeName?: string },
  path: string,
  into: FieldError[],
): void {
  checkNeeded(gateway, `${path}.gateway`, into);
  checkNeeded(system, `${path}.system`, into);
  checkNeeded(volumeName, `${path}.volumeName`, into);
}

/** `secretNamespace`: whether the secret's namespace must be told. */
export function checkStorageOs(
  source: { volumeName?: string; volumeNamespace?: string; secretRef?: { name?: string; namespace?: string } },
  path: string,
  into: FieldError[],
  secretNamespace = false,
): void {
  const { volumeName, volumeNamespace, secretRef } = source;
  checkNeededName(volumeName, dnsLabel, `${path}.volumeName`, into);
  if (volumeNamespace) checkName(volumeNamespace, dnsLabel, `${path}.volumeNamespace`, into);
  if (!secretRef) return;
  checkNeeded(secretRef.name, `${path}.secretRef.name`, into);
  if (secretNamespace) checkNeeded(secretRef.namespace, `${path}.secretRef.namespace`, into);
}

export function checkCsiDriverName(driver: string, path: string, into: FieldError[]): void {
  if (!driver) {
    into.push(required(path));
    return;
  }
  if (driver.length > 63) into.push(tooLong(path, 63));
  for (const text of dnsSubdomain(driver.toLowerCase())) into.push(invalidValue(path, driver, text));
}
