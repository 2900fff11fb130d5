import type { Pod, Volume } from '#common/kube/types';
import { always } from '../cluster-event';
import { sharedClaimsOf } from '../pod-claims';
import { resolvable, unresolvable, type ImaginedRule, type Rejection, type SchedulerPlugin } from '../plugin';
import type { NodeState } from '../node-state';

const NAME = 'VolumeRestrictions';
const DISK_TAKEN = resolvable(NAME, 'node(s) had no available disk');
const CLAIM_TAKEN = resolvable(
  NAME,
  'node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access mode already in-use by another pod',
);

/** Disks that one node may use at a time, and claims that one Pod may. */
export const volumeRestrictions: SchedulerPlugin = {
  name: NAME,
  forPod(pod, { storage, tallies }) {
    const { volumes } = pod.spec;
    if (!volumes) return undefined;
    const { namespace = '' } = pod.metadata;
    const exclusive = new Set<string>();
    for (const name of sharedClaimsOf(pod)) {
      const claim = storage.claim(namespace, name);
      if (!claim) return { hopeless: unresolvable(NAME, `persistentvolumeclaim "${name}" not found`) };
      if (claim.spec.accessModes?.includes('ReadWriteOncePod')) exclusive.add(name);
    }
    const disks = volumes.filter(isDisk);
    let taken = 0;
    for (const name of exclusive) if (tallies.usersOf(`${namespace}/${name}`) > 0) taken++;
    if (disks.length === 0 && taken === 0) return undefined;
    return {
      filter: (state) => rejection(state, disks, taken),
      imagine: () => imagined(disks, exclusive, taken),
    };
  },
  hints: {
    'Pod/Delete': (pod, { before }) => !!before && setsFree(pod, before),
    'Node/Add': always,
    'PersistentVolumeClaim/Add': (pod, { after }) =>
      after?.metadata.namespace === pod.metadata.namespace && sharedClaimsOf(pod).includes(after?.metadata.name ?? ''),
  },
};

function rejection({ pods }: NodeState, disks: readonly Volume[], taken: number): Rejection | undefined {
  if (disks.length > 0) {
    for (const other of pods.values()) if (disks.some((disk) => conflictsWith(disk, other))) return DISK_TAKEN;
  }
  return taken > 0 ? CLAIM_TAKEN : undefined;
}

function imagined(disks: readonly Volume[], exclusive: ReadonlySet<string>, taken: number): ImaginedRule {
  let left = taken;
  return {
    filter: (state) => rejection(state, disks, left),
    change(other, _node, sign) {
      for (const name of sharedClaimsOf(other)) if (exclusive.has(name)) left += sign;
    },
  };
}

function setsFree(pod: Pod, gone: Pod): boolean {
  if (gone.metadata.namespace !== pod.metadata.namespace) return false;
  if ((pod.spec.volumes ?? []).some((volume) => isDisk(volume) && conflictsWith(volume, gone))) return true;
  const claims = sharedClaimsOf(pod);
  return sharedClaimsOf(gone).some((name) => claims.includes(name));
}

const isDisk = ({ gcePersistentDisk, awsElasticBlockStore, rbd, iscsi }: Volume): boolean =>
  !!gcePersistentDisk || !!awsElasticBlockStore || !!rbd || !!iscsi;

const conflictsWith = (disk: Volume, { spec }: Pod): boolean =>
  (spec.volumes ?? []).some((other) => isSameDisk(disk, other));

/** The same disk, and not read only on both sides. */
function isSameDisk(left: Volume, right: Volume): boolean {
  const isReadOnly = (one?: { readOnly?: boolean }, other?: { readOnly?: boolean }) =>
    !!one?.readOnly && !!other?.readOnly;
  const [gce, otherGce] = [left.gcePersistentDisk, right.gcePersistentDisk];
  if (gce && otherGce && gce.pdName === otherGce.pdName && !isReadOnly(gce, otherGce)) return true;
  const [aws, otherAws] = [left.awsElasticBlockStore, right.awsElasticBlockStore];
  if (aws && otherAws && aws.volumeID === otherAws.volumeID) return true;
  if (left.iscsi && right.iscsi && left.iscsi.iqn === right.iscsi.iqn && !isReadOnly(left.iscsi, right.iscsi))
    return true;
  const [rbd, otherRbd] = [left.rbd, right.rbd];
  if (!rbd || !otherRbd || rbd.image !== otherRbd.image || rbd.pool !== otherRbd.pool) return false;
  return rbd.monitors.some((monitor) => otherRbd.monitors.includes(monitor)) && !isReadOnly(rbd, otherRbd);
}
