import type { Resource } from '../kube/resource';
import { ConfigMaps, PersistentVolumeClaims, Secrets } from '../kube/resources';
import type { Container, Pod, Volume } from '../kube/types';
import type { Link } from './kind';

/** ConfigMaps, Secrets and claims, from volumes, single variables and whole environments; each once. */
export function podMounts({ metadata, spec }: Pod): Link[] {
  const links = new Map<string, Link>();
  const add = (resource: Resource, name: string | undefined) => {
    const { namespace } = metadata;
    if (name) links.set(`${resource.kind}/${name}`, { relation: 'mounts', resource, namespace, name });
  };
  for (const volume of spec?.volumes ?? []) addVolume(volume, add);
  for (const container of [...(spec?.containers ?? []), ...(spec?.initContainers ?? [])]) addVariables(container, add);
  return [...links.values()];
}

type Add = (resource: Resource, name: string | undefined) => void;

function addVolume(volume: Volume, add: Add): void {
  for (const { configMap, secret } of [volume, ...(volume.projected?.sources ?? [])]) {
    add(ConfigMaps, configMap?.name);
    add(Secrets, secretName(secret));
  }
  add(PersistentVolumeClaims, volume.persistentVolumeClaim?.claimName);
}

function addVariables({ envFrom, env }: Container, add: Add): void {
  for (const { configMapRef, secretRef } of envFrom ?? []) {
    add(ConfigMaps, configMapRef?.name);
    add(Secrets, secretRef?.name);
  }
  for (const { valueFrom } of env ?? []) {
    add(ConfigMaps, valueFrom?.configMapKeyRef?.name);
    add(Secrets, valueFrom?.secretKeyRef?.name);
  }
}

/** A volume names its Secret `secretName`, a projected source `name`. */
function secretName(secret: { secretName?: string; name?: string } | undefined): string | undefined {
  return secret?.secretName ?? secret?.name;
}
