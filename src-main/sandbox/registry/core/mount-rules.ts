/** The rules of how a container mounts volumes and block devices. */
import type { Container, VolumeDevice, VolumeMount } from '#common/kube/types';
import { forbiddenField, invalidValue, notSupported, required, valueNotFound, type FieldError } from '../field-errors';
import { checkOptionalWord } from '../value-rules';
import { checkDescendingPath } from './path-rules';
import type { KnownVolumes } from './volume-rules';

const PROPAGATIONS = ['Bidirectional', 'HostToContainer', 'None'];
const RECURSIONS = ['Disabled', 'Enabled', 'IfPossible'];

export function checkMounts(container: Container, path: string, volumes: KnownVolumes, into: FieldError[]): void {
  const { volumeMounts = [], volumeDevices = [] } = container;
  const taken = new Set<string>();
  for (const [at, mount] of volumeMounts.entries()) {
    const here = `${path}[${at}]`;
    const { name, mountPath } = mount;
    if (!name) into.push(required(`${here}.name`));
    if (!volumes.has(name)) into.push(valueNotFound(`${here}.name`, name));
    if (!mountPath) into.push(required(`${here}.mountPath`));
    if (taken.has(mountPath)) into.push(invalidValue(`${here}.mountPath`, mountPath, 'must be unique'));
    taken.add(mountPath);
    if (volumeDevices.some((device) => device.name === name))
      into.push(invalidValue(`${here}.name`, name, 'must not already exist in volumeDevices'));
    if (volumeDevices.some((device) => device.devicePath === mountPath))
      into.push(invalidValue(`${here}.mountPath`, mountPath, 'must not already exist as a path in volumeDevices'));
    checkSubPaths(mount, path, here, into);
    checkPropagation(mount, container, path, into);
  }
}

function checkSubPaths({ subPath, subPathExpr }: VolumeMount, path: string, here: string, into: FieldError[]): void {
  if (subPath) checkDescendingPath(subPath, `${path}.subPath`, into);
  if (!subPathExpr) return;
  if (subPath)
    into.push(invalidValue(`${here}.subPathExpr`, subPathExpr, 'subPathExpr and subPath are mutually exclusive'));
  checkDescendingPath(subPathExpr, `${path}.subPathExpr`, into);
}

function checkPropagation(
  { mountPropagation: propagation, recursiveReadOnly: recursion, readOnly }: VolumeMount,
  { securityContext }: Container,
  path: string,
  into: FieldError[],
): void {
  checkOptionalWord(propagation, PROPAGATIONS, `${path}.mountPropagation`, into);
  if (propagation === 'Bidirectional' && !securityContext?.privileged)
    into.push(
      forbiddenField(
        `${path}.mountPropagation`,
        'Bidirectional mount propagation is available only to privileged containers',
      ),
    );
  if (recursion === undefined || recursion === 'Disabled') return;
  const field = `${path}.recursiveReadOnly`;
  if (!RECURSIONS.includes(recursion)) {
    into.push(notSupported(field, recursion, RECURSIONS));
    return;
  }
  if (!readOnly) into.push(forbiddenField(field, 'may only be specified when readOnly is true'));
  if (propagation !== undefined && propagation !== 'None')
    into.push(forbiddenField(field, 'may only be specified when mountPropagation is None or not specified'));
}

export function checkDevices(
  { volumeMounts = [], volumeDevices = [] }: Container,
  path: string,
  volumes: KnownVolumes,
  into: FieldError[],
): void {
  const names = new Set<string>();
  const paths = new Set<string>();
  for (const [at, { name, devicePath }] of volumeDevices.entries()) {
    const here = `${path}[${at}]`;
    checkDevice({ name, devicePath }, here, { volumes, names, paths }, into);
    if (volumeMounts.some((mount) => mount.name === name))
      into.push(invalidValue(`${here}.name`, name, 'must not already exist in volumeMounts'));
    if (volumeMounts.some((mount) => mount.mountPath === devicePath))
      into.push(invalidValue(`${here}.devicePath`, devicePath, 'must not already exist as a path in volumeMounts'));
    if (name) names.add(name);
  }
}

function checkDevice(
  { name, devicePath }: VolumeDevice,
  here: string,
  { volumes, names, paths }: { volumes: KnownVolumes; names: ReadonlySet<string>; paths: Set<string> },
  into: FieldError[],
): void {
  const volume = volumes.get(name);
  if (!name) into.push(required(`${here}.name`));
  if (names.has(name)) into.push(invalidValue(`${here}.name`, name, 'must be unique'));
  if (volume && !volume.persistentVolumeClaim && !volume.ephemeral)
    into.push(
      invalidValue(
        `${here}.name`,
        name,
        'can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode',
      ),
    );
  if (!volume) into.push(valueNotFound(`${here}.name`, name));
  if (!devicePath) into.push(required(`${here}.devicePath`));
  if (paths.has(devicePath)) into.push(invalidValue(`${here}.devicePath`, devicePath, 'must be unique'));
  if (devicePath.split('/').includes('..'))
    into.push(invalidValue(`${here}.devicePath`, devicePath, "can not contain backsteps ('..')"));
  else paths.add(devicePath);
}
