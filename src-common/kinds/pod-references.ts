/** The other objects that a Pod names. */
import type { Container, Pod, Volume } from '../kube/types';

export function secretsOf({ spec }: Pod): string[] {
  const ofContainers = containersOf(spec).flatMap(({ env = [], envFrom = [] }) => [
    ...envFrom.map(({ secretRef }) => secretRef?.name),
    ...env.map(({ valueFrom }) => valueFrom?.secretKeyRef?.name),
  ]);
  const ofPulls = (spec.imagePullSecrets ?? []).map(({ name }) => name);
  return named([...ofPulls, ...ofContainers, ...(spec.volumes ?? []).flatMap(secretsOfVolume)]);
}

export function configMapsOf({ spec }: Pod): string[] {
  const ofContainers = containersOf(spec).flatMap(({ env = [], envFrom = [] }) => [
    ...envFrom.map(({ configMapRef }) => configMapRef?.name),
    ...env.map(({ valueFrom }) => valueFrom?.configMapKeyRef?.name),
  ]);
  const ofVolumes = (spec.volumes ?? []).flatMap(({ configMap, projected }) => [
    configMap?.name,
    ...(projected?.sources ?? []).map((source) => source.configMap?.name),
  ]);
  return named([...ofContainers, ...ofVolumes]);
}

/** PersistentVolumeClaims, those that are made for ephemeral volumes among them. */
export function claimsOf({ metadata, spec }: Pod): string[] {
  return named(
    (spec.volumes ?? []).map(({ name, persistentVolumeClaim, ephemeral }) =>
      ephemeral ? `${metadata.name}-${name}` : persistentVolumeClaim?.claimName,
    ),
  );
}

function containersOf(spec: Pod['spec']): Container[] {
  const ephemeral = (spec.ephemeralContainers ?? []) as unknown as Container[];
  return [...(spec.initContainers ?? []), ...(spec.containers ?? []), ...ephemeral];
}

/** Where a volume is mounted with the help of a Secret, or is one. */
function secretsOfVolume(volume: Volume): (string | undefined)[] {
  const references = [volume.cephfs, volume.flexVolume, volume.iscsi, volume.rbd, volume.scaleIO, volume.storageos];
  return [
    volume.secret?.secretName,
    volume.azureFile?.secretName,
    volume.csi?.nodePublishSecretRef?.name,
    ...references.map((source) => source?.secretRef?.name),
    ...(volume.projected?.sources ?? []).map(({ secret }) => secret?.name),
  ];
}

const named = (names: readonly (string | undefined)[]): string[] => names.filter((name) => name !== undefined);
