import { configMapsOf, secretsOf } from '#common/kinds/pod-references';
import type { Pod, Volume, VolumeProjection } from '#common/kube/types';

/** What of the API a Pod refers to first, in the words of the server; undefined when it needs nothing of it. */
export function referencedKind(pod: Pod): string | undefined {
  const { spec } = pod;
  if (spec.serviceAccountName) return 'serviceaccounts';
  if (secretsOf(pod).length > 0) return 'secrets';
  if (configMapsOf(pod).length > 0) return 'configmaps';
  if (spec.resourceClaims?.length) return 'resourceclaims';
  for (const volume of spec.volumes ?? []) {
    const kind = kindOfVolume(volume);
    if (kind) return kind;
  }
  return undefined;
}

const VOLUME_KINDS: readonly [keyof Volume, string][] = [
  ['csi', 'csidrivers (via CSI volumes)'],
  ['glusterfs', 'endpoints (via glusterFS volumes)'],
  ['persistentVolumeClaim', 'persistentvolumeclaims'],
  ['ephemeral', 'persistentvolumeclaims (via ephemeral volumes)'],
];

const PROJECTED_KINDS: readonly [keyof VolumeProjection, string][] = [
  ['serviceAccountToken', 'serviceaccounts (via projected volumes)'],
  ['clusterTrustBundle', 'clustertrustbundles'],
  ['podCertificate', 'podcertificates'],
];

function kindOfVolume(volume: Volume): string | undefined {
  const known = VOLUME_KINDS.find(([field]) => volume[field] !== undefined)?.[1];
  if (known) return known;
  for (const source of volume.projected?.sources ?? []) {
    const kind = PROJECTED_KINDS.find(([field]) => source[field] !== undefined)?.[1];
    if (kind) return kind;
  }
  return undefined;
}
