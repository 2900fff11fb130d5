import type { CSINode } from '#common/kube/types';
import { always } from '../cluster-event';
import { usesClaim } from '../pod-claims';
import { unresolvable, type SchedulerPlugin } from '../plugin';
import { groupClaims, planVolumes, roomOf } from '../volume-plan';

const NAME = 'VolumeBinding';
const MIGRATED = 'storage.alpha.kubernetes.io/migrated-plugins';

/** Volumes that a Pod's claims have must be reachable from its node, and those they will have must be possible there. */
export const volumeBinding: SchedulerPlugin = {
  name: NAME,
  forPod(pod, { storage }) {
    const claims = groupClaims(pod, storage);
    if (!claims) return undefined;
    if ('reason' in claims) return { hopeless: unresolvable(NAME, claims.reason) };
    return {
      filter({ node }) {
        const plan = planVolumes(claims, node, storage);
        return 'reasons' in plan ? unresolvable(NAME, ...plan.reasons) : undefined;
      },
    };
  },
  hints: {
    'StorageClass/Add': always,
    'StorageClass/Update': (_pod, { before, after }) =>
      JSON.stringify(before?.allowedTopologies) !== JSON.stringify(after?.allowedTopologies),
    'PersistentVolumeClaim/Add': (pod, { after }) => !!after && usesClaim(pod, after),
    'PersistentVolumeClaim/Update': (pod, { after }) => !!after && usesClaim(pod, after),
    'PersistentVolume/Add': always,
    'PersistentVolume/Update': always,
    'Node/Add': always,
    'Node/UpdateLabel': always,
    'CSINode/Add': always,
    'CSINode/Update': (_pod, { before, after }) => migrated(before) !== migrated(after),
    'CSIStorageCapacity/Add': always,
    'CSIStorageCapacity/Update': (_pod, { before, after }) => !!after && (!before || roomOf(after) > roomOf(before)),
    'CSIDriver/Update': (pod, { before, after }) =>
      !!before?.spec.storageCapacity &&
      !after?.spec.storageCapacity &&
      (pod.spec.volumes ?? []).some(({ csi }) => csi?.driver === after?.metadata.name),
  },
};

const migrated = (csiNode: CSINode | undefined): string | undefined => csiNode?.metadata.annotations?.[MIGRATED];
