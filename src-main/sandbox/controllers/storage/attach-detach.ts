import { createHash } from 'node:crypto';
import { attachableName, MANAGED_ATTACHMENTS } from '#common/kinds/volume-attachment';
import { keyOf } from '#common/kube/object';
import {
  CSIDrivers,
  Nodes,
  PersistentVolumeClaims,
  PersistentVolumes,
  Pods,
  VolumeAttachments,
} from '#common/kube/resources';
import { isAlreadyExists } from '#common/kube/status-error';
import type { Node, PersistentVolume, Pod, VolumeAttachment } from '#common/kube/types';
import type { ControllerCache } from '../runtime/controller-cache';
import {
  again,
  defineController,
  namedIndex,
  settled,
  watched,
  type Controller,
  type ReconcileContext,
} from '../runtime/define-controller';
import { ignoreGone } from '../runtime/ownership';
import { sameJson } from '../runtime/same-json';
import {
  hasLeft,
  multiAttachMessage,
  planAttachments,
  type AttachFacts,
  type HeldVolume,
  type WantedVolume,
} from './attach-plan';
import { AttachTries } from './attach-tries';
import { claimNames } from './pod-claims';
import { Told } from './told';

const PODS_OF_NODE = 'controllers/claiming-pods-of-node';
const PODS_OF_CLAIM = 'controllers/pods-of-claim';
const OF_NODE = 'controllers/attachments-of-node';
export const OF_VOLUME = 'controllers/attachments-of-volume';

export const attachmentsOfVolume = namedIndex(VolumeAttachments, OF_VOLUME, ({ spec }) => [
  spec.source.persistentVolumeName ?? '',
]);

/** Asks storage systems to attach volumes to the nodes where Pods use them, and to detach them afterwards. */
export function attachDetachController(): Controller {
  const world: World = { told: new Told(), unwantedSince: new Map(), tries: new AttachTries(), created: new Map() };
  return defineController({
    name: 'attachdetach',
    reconciles: Nodes,
    // One at a time, as the real one: two nodes never reach for the same volume.
    concurrency: 1,
    indexes: [
      namedIndex(Pods, PODS_OF_NODE, (pod) =>
        pod.spec.nodeName && claimNames(pod).length > 0 ? [pod.spec.nodeName] : [],
      ),
      namedIndex(Pods, PODS_OF_CLAIM, (pod) => claimNames(pod).map((name) => `${pod.metadata.namespace}/${name}`)),
      namedIndex(VolumeAttachments, OF_NODE, ({ spec }) => [spec.nodeName]),
      attachmentsOfVolume,
    ],
    watches: [
      watched(Pods, (pod) => (pod.spec.nodeName && claimNames(pod).length > 0 ? [pod.spec.nodeName] : [])),
      watched(PersistentVolumeClaims, (claim, cache) => nodesOfClaim(keyOf(claim), cache)),
      watched(PersistentVolumes, nodesOfVolume),
      watched(VolumeAttachments, ({ metadata, spec }, cache, change) => {
        world.created.delete(metadata.name);
        if (change !== 'removed') return [spec.nodeName];
        // Whoever waits for the volume can have it now.
        const volume = cache.get(PersistentVolumes, spec.source.persistentVolumeName ?? '');
        return [spec.nodeName, ...(volume ? nodesOfVolume(volume, cache) : [])];
      }),
      watched(CSIDrivers, () => []),
    ],

    reconcile: (nodeName, context) => reconcile(nodeName, context, world),
  });
}

/** What the controller remembers between two looks. */
interface World {
  told: Told;
  /** Since when nobody wants an attachment, by its name. */
  unwantedSince: Map<string, number>;
  tries: AttachTries;
  /** What was created and has not been seen yet. */
  created: Map<string, VolumeAttachment>;
}

function nodesOfClaim(key: string, cache: ControllerCache): string[] {
  return cache.indexed(Pods, PODS_OF_CLAIM, key).flatMap(({ spec }) => spec.nodeName ?? []);
}

function nodesOfVolume({ spec: { claimRef } }: PersistentVolume, cache: ControllerCache): string[] {
  return claimRef ? nodesOfClaim(`${claimRef.namespace}/${claimRef.name}`, cache) : [];
}

async function reconcile(nodeName: string, context: ReconcileContext, world: World) {
  const { cache, clock } = context;
  const node = cache.get(Nodes, nodeName);
  const wanted = isManaged(node) ? wantedOn(nodeName, cache) : [];
  const held = heldBy(nodeName, cache);
  if (wanted.length === 0 && held.length === 0 && !node?.status?.volumesAttached?.length) return settled;
  const facts: AttachFacts = {
    node,
    wanted,
    held,
    elsewhere: ({ metadata }) => [
      ...cache.indexed(VolumeAttachments, OF_VOLUME, metadata.name),
      ...[...world.created.values()].filter(({ spec }) => spec.source.persistentVolumeName === metadata.name),
    ],
    unwantedForMs: ({ metadata }) => {
      const since = world.unwantedSince.get(metadata.name) ?? clock.now();
      world.unwantedSince.set(metadata.name, since);
      return clock.now() - since;
    },
  };
  for (const { name, attachment } of held) {
    if (wanted.some((one) => one.name === name)) world.unwantedSince.delete(attachment.metadata.name);
  }
  const plan = planAttachments(facts);
  if (node) await report(node, plan.attached, context);
  for (const one of plan.fresh) tellAttached(one, context, world);
  for (const attachment of plan.remove) await remove(attachment, context, world);
  for (const one of plan.create) await create(nodeName, one, { context, world });
  for (const { wanted: one, by } of plan.blocked) tellBlocked(one, by, { context, world });
  const waits = plan.pending.map(({ wanted: one, attachment }) => pendingMs(one, attachment, { context, world }));
  const againAfterMs = Math.min(plan.againAfterMs ?? Infinity, ...waits);
  return Number.isFinite(againAfterMs) ? again(againAfterMs) : settled;
}

const isManaged = (node: Node | undefined): boolean => node?.metadata.annotations?.[MANAGED_ATTACHMENTS] === 'true';

function wantedOn(nodeName: string, cache: ControllerCache): WantedVolume[] {
  const found = new Map<string, WantedVolume & { pods: Pod[] }>();
  for (const pod of cache.indexed(Pods, PODS_OF_NODE, nodeName)) {
    if (hasLeft(pod)) continue;
    for (const claimName of claimNames(pod)) {
      const volume = boundVolume(pod, claimName, cache);
      const name = volume && attachableName(volume, (driver) => cache.get(CSIDrivers, driver));
      if (!name) continue;
      const known = found.get(name) ?? { name, volume, pods: [] };
      if (!known.pods.includes(pod)) known.pods.push(pod);
      found.set(name, known);
    }
  }
  return [...found.values()];
}

function boundVolume({ metadata }: Pod, claimName: string, cache: ControllerCache): PersistentVolume | undefined {
  const claim = cache.get(PersistentVolumeClaims, `${metadata.namespace}/${claimName}`);
  if (claim?.status?.phase !== 'Bound') return undefined;
  const volume = cache.get(PersistentVolumes, claim.spec.volumeName ?? '');
  return volume?.spec.claimRef?.uid === claim.metadata.uid ? volume : undefined;
}

function heldBy(nodeName: string, cache: ControllerCache): HeldVolume[] {
  return cache.indexed(VolumeAttachments, OF_NODE, nodeName).map((attachment) => {
    const volume = cache.get(PersistentVolumes, attachment.spec.source.persistentVolumeName ?? '');
    return { attachment, name: volume && attachableName(volume, (driver) => cache.get(CSIDrivers, driver)) };
  });
}

/** What is no longer safe to mount goes out of the node's status before it is detached. */
async function report(
  node: Node,
  attached: { name: string; devicePath: string }[],
  { client, signal }: ReconcileContext,
): Promise<void> {
  if (sameJson(attached, node.status?.volumesAttached ?? [])) return;
  const patch = { status: { volumesAttached: attached.length > 0 ? attached : null } };
  const options = { subresource: 'status', signal };
  await ignoreGone(client.patch(Nodes, { name: node.metadata.name }, { type: 'merge', patch }, options));
}

/** VolumeAttachments are named after what they join. */
export function attachmentName(handle: string, driver: string, nodeName: string): string {
  return `csi-${createHash('sha256').update(`${handle}${driver}${nodeName}`).digest('hex')}`;
}

async function create(
  nodeName: string,
  { volume }: WantedVolume,
  { context: { client, signal }, world }: { context: ReconcileContext; world: World },
): Promise<void> {
  const { driver = '', volumeHandle = '' } = volume.spec.csi ?? {};
  const source = { persistentVolumeName: volume.metadata.name };
  const name = attachmentName(volumeHandle, driver, nodeName);
  const draft = { metadata: { name }, spec: { attacher: driver, nodeName, source }, status: { attached: false } };
  try {
    world.created.set(name, await client.create(VolumeAttachments, draft, { signal }));
  } catch (failure) {
    if (!isAlreadyExists(failure)) throw failure;
  }
}

async function remove({ metadata }: VolumeAttachment, { client, signal }: ReconcileContext, world: World) {
  const { name, uid } = metadata;
  world.unwantedSince.delete(name);
  world.tries.forget(name);
  await ignoreGone(client.remove(VolumeAttachments, { name }, { preconditions: { uid }, signal }));
}

function tellAttached({ volume, pods }: WantedVolume, { record }: ReconcileContext, { told }: World): void {
  const message = `AttachVolume.Attach succeeded for volume "${volume.metadata.name}" `;
  for (const pod of pods) {
    told.forget(pod.metadata.uid);
    record(pod, { type: 'Normal', reason: 'SuccessfulAttachVolume', message });
  }
}

function tellBlocked(
  { volume, pods }: WantedVolume,
  by: readonly VolumeAttachment[],
  { context: { cache, record }, world }: { context: ReconcileContext; world: World },
): void {
  const { name } = volume.metadata;
  const { claimRef } = volume.spec;
  const nodes = by.map(({ spec }) => spec.nodeName);
  const users = cache
    .indexed(Pods, PODS_OF_CLAIM, `${claimRef?.namespace}/${claimRef?.name}`)
    .filter((pod) => !hasLeft(pod) && nodes.includes(pod.spec.nodeName ?? ''));
  for (const pod of pods) {
    // Once, whatever the other side does meanwhile.
    if (!world.told.isNew(pod.metadata.uid, name)) continue;
    const message = multiAttachMessage(name, pod, users);
    record(pod, { type: 'Warning', reason: 'FailedAttachVolume', message });
  }
}

/** Says why a volume is not attached, at ever longer intervals; answers when to look again. */
function pendingMs(
  { volume, pods }: WantedVolume,
  { metadata, spec, status }: VolumeAttachment,
  { context: { clock, record }, world }: { context: ReconcileContext; world: World },
): number {
  const step = world.tries.step(metadata.name, status?.attachError !== undefined, clock.now());
  if (step.isOver) {
    const handle = volume.spec.csi?.volumeHandle ?? '';
    const why =
      status?.attachError?.message ??
      `timed out waiting for external-attacher of ${spec.attacher} CSI driver to attach volume ${handle}`;
    const message = `AttachVolume.Attach failed for volume "${volume.metadata.name}" : ${why}`;
    for (const pod of pods) record(pod, { type: 'Warning', reason: 'FailedAttachVolume', message });
  }
  return step.againAfterMs;
}
