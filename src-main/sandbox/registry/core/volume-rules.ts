import type { Volume } from '#common/kube/types';
import { duplicateValue, forbiddenField, invalidValue, required, type FieldError } from '../field-errors';
import { dnsLabel } from '../names';

export function validateVolumes(volumes: readonly Volume[] | undefined, path: string): FieldError[] {
  const names = new Set<string>();
  return (volumes ?? []).flatMap((volume, at) => {
    const here = `${path}[${at}]`;
    const errors = [...nameErrors(volume, here), ...sourceErrors(volume, here)];
    if (names.has(volume.name)) errors.push(duplicateValue(`${here}.name`, volume.name));
    names.add(volume.name);
    return errors;
  });
}

function nameErrors({ name }: Volume, path: string): FieldError[] {
  if (!name) return [required(`${path}.name`)];
  return dnsLabel(name).map((text) => invalidValue(`${path}.name`, name, text));
}

function sourceErrors({ name: _name, ...sources }: Volume, path: string): FieldError[] {
  const [first, ...others] = Object.keys(sources);
  if (!first) return [required(path, 'must specify a volume type')];
  return [
    ...others.map((source) => forbiddenField(`${path}.${source}`, 'may not specify more than 1 volume type')),
    ...missingParts(sources, path),
  ];
}

function missingParts(
  { configMap, secret, hostPath, persistentVolumeClaim, nfs }: Omit<Volume, 'name'>,
  path: string,
): FieldError[] {
  const errors: FieldError[] = [];
  if (configMap && !configMap.name) errors.push(required(`${path}.configMap.name`));
  if (secret && !secret.secretName) errors.push(required(`${path}.secret.secretName`));
  if (hostPath && !hostPath.path) errors.push(required(`${path}.hostPath.path`));
  if (persistentVolumeClaim && !persistentVolumeClaim.claimName)
    errors.push(required(`${path}.persistentVolumeClaim.claimName`));
  if (nfs && !nfs.server) errors.push(required(`${path}.nfs.server`));
  if (nfs && !nfs.path) errors.push(required(`${path}.nfs.path`));
  return errors;
}
