import { classOf } from '#common/kinds/volume-matching';
import type { CSINode, PersistentVolumeClaim, Pod } from '#common/kube/types';
import { always } from '../cluster-event';
import type { StorageView } from '../cluster-view';
import type { NodeState } from '../node-state';
import { claimsOf, usesClaim } from '../pod-claims';
import { resolvable, type SchedulerPlugin } from '../plugin';

const NAME = 'NodeVolumeLimits';
const TOO_MANY = resolvable(NAME, 'node(s) exceed max volume count');

/** How many volumes of a CSI driver a node can hold, as its CSINode says. */
export const nodeVolumeLimits: SchedulerPlugin = {
  name: NAME,
  forPod(pod, { storage }) {
    if (claimsOf(pod).length === 0) return undefined;
    return { filter: (state) => (exceeds(pod, state, storage) ? TOO_MANY : undefined) };
  },
  hints: {
    'CSINode/Add': always,
    'CSINode/Update': (_pod, { before, after }) => {
      const had = limitsOf(before);
      return [...limitsOf(after)].some(([driver, count]) => count > (had.get(driver) ?? 0));
    },
    'Pod/Delete': (_pod, { before }) => !!before && isPlaced(before) && claimsOf(before).length > 0,
    'PersistentVolumeClaim/Add': (pod, { after }) => !!after && usesClaim(pod, after),
    'VolumeAttachment/Delete': (pod) => (pod.spec.volumes ?? []).some((volume) => volume.persistentVolumeClaim),
  },
};

const isPlaced = ({ spec, status }: Pod): boolean => !!spec.nodeName || !!status?.nominatedNodeName;

function exceeds(pod: Pod, { node, pods }: NodeState, storage: StorageView): boolean {
  const limits = limitsOf(storage.csiNode(node.metadata.name));
  if (limits.size === 0) return false;
  const wanted = volumesOf(pod, storage);
  if (wanted.size === 0) return false;
  const held = new Map<string, string>();
  for (const other of pods.values()) for (const [volume, driver] of volumesOf(other, storage)) held.set(volume, driver);
  for (const [volume, driver] of attachedVolumes(node.metadata.name, storage)) held.set(volume, driver);
  const count = (volumes: Iterable<string>, driver: string) => [...volumes].filter((one) => one === driver).length;
  const own = [...wanted].filter(([volume]) => !held.has(volume)).map(([, driver]) => driver);
  return [...limits].some(
    ([driver, limit]) => own.includes(driver) && count(held.values(), driver) + count(own, driver) > limit,
  );
}

function limitsOf(csiNode: CSINode | undefined): Map<string, number> {
  const limits = new Map<string, number>();
  for (const { name, allocatable } of csiNode?.spec.drivers ?? [])
    if (allocatable?.count !== undefined) limits.set(name, allocatable.count);
  return limits;
}

/** Drivers by volume. */
function volumesOf(pod: Pod, storage: StorageView): Map<string, string> {
  const volumes = new Map<string, string>();
  for (const { name } of claimsOf(pod)) {
    const claim = storage.claim(pod.metadata.namespace ?? '', name);
    const known = claim && volumeOf(claim, storage);
    if (known) volumes.set(`${known.driver}/${known.handle}`, known.driver);
  }
  return volumes;
}

/** A claim without a volume counts as the one that its class would make for it. */
function volumeOf(claim: PersistentVolumeClaim, storage: StorageView): { driver: string; handle: string } | undefined {
  const volume = claim.spec.volumeName ? storage.volume(claim.spec.volumeName) : undefined;
  if (volume) {
    const { csi } = volume.spec;
    return csi && { driver: csi.driver, handle: csi.volumeHandle };
  }
  const storageClass = storage.storageClass(classOf(claim));
  if (!storageClass) return undefined;
  return { driver: storageClass.provisioner, handle: ` ${claim.metadata.namespace}/${claim.metadata.name}` };
}

function* attachedVolumes(nodeName: string, storage: StorageView): Generator<[string, string]> {
  for (const { spec } of storage.attachments(nodeName)) {
    const volume = storage.volume(spec.source.persistentVolumeName ?? '');
    if (volume?.spec.csi) yield [`${spec.attacher}/${volume.spec.csi.volumeHandle}`, spec.attacher];
  }
}
