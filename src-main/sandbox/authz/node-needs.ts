/** Which objects the Pods of a node lead to: the graph of the Node authorizer, followed when it is asked about. */
import type { KubeObject } from '#common/kube/object';
import type { TypedResource } from '#common/kube/resource';
import { Nodes, PersistentVolumes, Pods, ResourceSlices, VolumeAttachments } from '#common/kube/resources';
import { claimsOf, configMapsOf, secretsOf } from '#common/kinds/pod-references';
import type { PersistentVolume, Pod } from '#common/kube/types';

export type NeededKind =
  | 'Secret'
  | 'ConfigMap'
  | 'ServiceAccount'
  | 'PersistentVolumeClaim'
  | 'PersistentVolume'
  | 'ResourceClaim'
  | 'ResourceSlice'
  | 'VolumeAttachment'
  | 'Pod';

export interface Needed {
  kind: NeededKind;
  namespace: string;
  name: string;
}

/** Objects as they are stored now. */
export interface NodeSource {
  get<T extends KubeObject>(resource: TypedResource<T>, key: string): T | undefined;
  list<T extends KubeObject>(resource: TypedResource<T>, namespace?: string): Iterable<T>;
}

const MIRROR = 'kubernetes.io/config.mirror';

export function isNeededOn(node: string, needed: Needed, objects: NodeSource): boolean {
  const { kind, namespace, name } = needed;
  switch (kind) {
    case 'Pod':
      return objects.get(Pods, `${namespace}/${name}`)?.spec.nodeName === node;
    case 'VolumeAttachment':
      return objects.get(VolumeAttachments, name)?.spec.nodeName === node;
    case 'ResourceSlice':
      return objects.get(ResourceSlices, name)?.spec.nodeName === node;
    case 'PersistentVolume':
      return isVolumeNeeded(node, objects.get(PersistentVolumes, name), objects);
    case 'Secret':
      return isNeededByPod(node, needed, objects) || isSecretOfVolume(node, needed, objects);
    default:
      return isNeededByPod(node, needed, objects);
  }
}

function isNeededByPod(node: string, { kind, namespace, name }: Needed, objects: NodeSource): boolean {
  if (!namespace) return false;
  for (const pod of objects.list(Pods, namespace)) {
    if (pod.spec.nodeName === node && needsOf(pod).some((one) => one.kind === kind && one.name === name)) return true;
  }
  return false;
}

/** A volume is needed where its claim is. */
function isVolumeNeeded(node: string, volume: PersistentVolume | undefined, objects: NodeSource): boolean {
  const { namespace = '', name = '' } = volume?.spec.claimRef ?? {};
  return name !== '' && isNeededByPod(node, { kind: 'PersistentVolumeClaim', namespace, name }, objects);
}

function isSecretOfVolume(node: string, { namespace, name }: Needed, objects: NodeSource): boolean {
  if (!objects.get(Nodes, node)) return false;
  for (const volume of objects.list(PersistentVolumes)) {
    const isNamed = secretsOfVolume(volume).some((one) => one.name === name && one.namespace === namespace);
    if (isNamed && isVolumeNeeded(node, volume, objects)) return true;
  }
  return false;
}

function secretsOfVolume({ spec }: PersistentVolume): { name?: string; namespace?: string }[] {
  const home = spec.claimRef?.namespace ?? '';
  const references = [
    spec.csi?.nodePublishSecretRef,
    spec.csi?.nodeStageSecretRef,
    spec.csi?.nodeExpandSecretRef,
    spec.cephfs?.secretRef,
    spec.rbd?.secretRef,
    spec.iscsi?.secretRef,
    spec.flexVolume?.secretRef,
    spec.scaleIO?.secretRef,
    spec.azureFile && { name: spec.azureFile.secretName, namespace: spec.azureFile.secretNamespace },
  ];
  return references.flatMap((one) => (one?.name ? [{ name: one.name, namespace: one.namespace ?? home }] : []));
}

interface Need {
  kind: NeededKind;
  name: string;
}

/** What a Pod makes its kubelet read. Mirrors are made by a kubelet itself: they may not lead it anywhere. */
export function needsOf(pod: Pod): Need[] {
  const { metadata, spec, status } = pod;
  if (metadata.annotations && MIRROR in metadata.annotations) return [];
  const named = (kind: NeededKind, names: readonly (string | undefined)[]): Need[] =>
    names.flatMap((name) => (name ? [{ kind, name }] : []));
  const claimOf = (wanted: string) => status?.resourceClaimStatuses?.find(({ name }) => name === wanted);
  return [
    ...named('ServiceAccount', [spec.serviceAccountName]),
    ...named('Secret', secretsOf(pod)),
    ...named('ConfigMap', configMapsOf(pod)),
    ...named('PersistentVolumeClaim', claimsOf(pod)),
    ...named(
      'ResourceClaim',
      (spec.resourceClaims ?? []).map((one) => one.resourceClaimName ?? claimOf(one.name)?.resourceClaimName),
    ),
  ];
}
