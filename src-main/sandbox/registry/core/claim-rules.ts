/** The rules of what a PersistentVolumeClaim asks for; templates of claims have them too. */
import type { PersistentVolumeClaimSpec, TypedObjectReference } from '#common/kube/types';
import { quantityNanos } from '#main/sandbox/machinery/quantity';
import { eachInvalid, forbiddenField, invalidValue, notSupported, required, type FieldError } from '../field-errors';
import { dnsLabel, dnsSubdomain } from '../names';
import { checkLabelSelector } from '../selector-rules';
import { checkName, checkOptionalWord, checkPositiveQuantity } from '../value-rules';

export const ACCESS_MODES = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod'];
export const VOLUME_MODES = ['Block', 'Filesystem'];

export function checkAccessModes(modes: readonly string[], path: string, into: FieldError[]): void {
  for (const mode of modes) if (!ACCESS_MODES.includes(mode)) into.push(notSupported(path, mode, ACCESS_MODES));
  const others = modes.some((mode) => mode !== 'ReadWriteOncePod' && ACCESS_MODES.includes(mode));
  if (others && modes.includes('ReadWriteOncePod'))
    into.push(forbiddenField(path, 'may not use ReadWriteOncePod with other access modes'));
}

export function checkClaimSpec(spec: PersistentVolumeClaimSpec, path: string, into: FieldError[]): void {
  const { accessModes = [], selector, storageClassName, volumeMode, volumeAttributesClassName } = spec;
  if (accessModes.length === 0) into.push(required(`${path}.accessModes`, 'at least 1 access mode is required'));
  checkLabelSelector(selector, `${path}.selector`, into);
  checkAccessModes(accessModes, `${path}.accessModes`, into);
  const size = spec.resources?.requests?.['storage'];
  if (size === undefined) into.push(required(`${path}.resources[storage]`));
  else checkPositiveQuantity(size, `${path}.resources[storage]`, into);
  if (storageClassName) checkName(storageClassName, dnsSubdomain, `${path}.storageClassName`, into);
  checkOptionalWord(volumeMode, VOLUME_MODES, `${path}.volumeMode`, into);
  checkSources(spec, path, into);
  if (volumeAttributesClassName)
    checkName(volumeAttributesClassName, dnsSubdomain, `${path}.volumeAttributesClassName`, into);
}

function checkSources(
  { dataSource, dataSourceRef }: PersistentVolumeClaimSpec,
  path: string,
  into: FieldError[],
): void {
  if (dataSource) checkSource(dataSource, `${path}.dataSource`, into);
  if (dataSourceRef) checkSource(dataSourceRef, `${path}.dataSourceRef`, into);
  if (!dataSource || !dataSourceRef) return;
  // The server prints where the other source stands as the parts of its path.
  if (dataSourceRef.namespace)
    into.push(invalidValue(path, {}, 'may not be specified when dataSourceRef.namespace is specified'));
  else if (!isSameSource(dataSource, dataSourceRef)) into.push(invalidValue(path, {}, 'must match dataSourceRef'));
}

const isSameSource = (a: TypedObjectReference, b: TypedObjectReference): boolean =>
  a.apiGroup === b.apiGroup && a.kind === b.kind && a.name === b.name;

function checkSource(
  { apiGroup, kind, name, namespace }: TypedObjectReference,
  path: string,
  into: FieldError[],
): void {
  if (!name) into.push(required(`${path}.name`));
  if (!kind) into.push(required(`${path}.kind`));
  if (!apiGroup && kind !== 'PersistentVolumeClaim')
    into.push(invalidValue(path, kind, "must be 'PersistentVolumeClaim' when referencing the default apiGroup"));
  if (apiGroup) eachInvalid(into, `${path}.apiGroup`, apiGroup, dnsSubdomain(apiGroup));
  if (namespace) eachInvalid(into, `${path}.namespace`, namespace, dnsLabel(namespace));
}

/** Bytes cannot be halved. */
export function claimWarnings({ resources }: PersistentVolumeClaimSpec, path: string): string[] {
  return (['requests', 'limits'] as const).flatMap((kind) => {
    const size = resources?.[kind]?.['storage'];
    if (size === undefined || quantityNanos(size) % 1_000_000_000n === 0n) return [];
    return [`${path}.resources.${kind}[storage]: fractional byte value "${size}" is invalid, must be an integer`];
  });
}
