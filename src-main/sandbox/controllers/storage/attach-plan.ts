/** What has to be attached to a node and what has to go, from what its Pods use and what it holds. Pure. */
import { isSharedByNodes } from '#common/kinds/volume-attachment';
import type { AttachedVolume, Node, PersistentVolume, Pod, VolumeAttachment } from '#common/kube/types';

/** How long a node that is not well may keep a volume that nobody wants there (maxWaitForUnmountDuration). */
export const FORCE_DETACH_MS = 360_000;
const OUT_OF_SERVICE = 'node.kubernetes.io/out-of-service';

/** A volume that Pods of a node use. */
export interface WantedVolume {
  /** As node statuses name it. */
  name: string;
  volume: PersistentVolume;
  pods: readonly Pod[];
}

/** A volume that a node holds, or is about to. */
export interface HeldVolume {
  /** As node statuses name it; undefined when its volume is not there any more. */
  name: string | undefined;
  attachment: VolumeAttachment;
}

export interface AttachFacts {
  node: Node | undefined;
  wanted: readonly WantedVolume[];
  held: readonly HeldVolume[];
  /** Attachments of a volume to other nodes. */
  elsewhere: (volume: PersistentVolume) => readonly VolumeAttachment[];
  /** How long nobody has wanted an attachment, milliseconds. */
  unwantedForMs: (attachment: VolumeAttachment) => number;
}

export interface AttachPlan {
  create: WantedVolume[];
  /** Another node has them and must not share them. */
  blocked: { wanted: WantedVolume; by: readonly VolumeAttachment[] }[];
  /** Not attached yet, though asked for. */
  pending: { wanted: WantedVolume; attachment: VolumeAttachment }[];
  remove: VolumeAttachment[];
  /** What the node's status says afterwards. */
  attached: AttachedVolume[];
  /** Attached since the node's status was written. */
  fresh: WantedVolume[];
  /** When to look again at what the node does not let go. */
  againAfterMs: number | undefined;
}

export function planAttachments(facts: AttachFacts): AttachPlan {
  const { node, wanted, held } = facts;
  const plan: AttachPlan = {
    create: [],
    blocked: [],
    pending: [],
    remove: [],
    attached: [],
    fresh: [],
    againAfterMs: undefined,
  };
  const before = node?.status?.volumesAttached ?? [];
  const now = new Set<string>();
  for (const one of wanted) {
    const attachment = held.find(({ name }) => name === one.name)?.attachment;
    if (!attachment) place(one, facts, plan);
    else if (attachment.metadata.deletionTimestamp) continue;
    else if (!attachment.status?.attached) plan.pending.push({ wanted: one, attachment });
    else {
      now.add(one.name);
      if (!before.some(({ name }) => name === one.name)) plan.fresh.push(one);
    }
  }
  for (const { name, attachment } of held) {
    if (attachment.metadata.deletionTimestamp || wanted.some((one) => one.name === name)) continue;
    const waitMs = releaseAfterMs(name, attachment, facts);
    if (waitMs <= 0) plan.remove.push(attachment);
    else {
      plan.againAfterMs = Math.min(plan.againAfterMs ?? Infinity, waitMs);
      if (name !== undefined && attachment.status?.attached) now.add(name);
    }
  }
  const kept = before.filter(({ name }) => now.delete(name));
  plan.attached = [...kept, ...[...now].map((name) => ({ name, devicePath: '' }))];
  if (plan.againAfterMs === Infinity) plan.againAfterMs = undefined;
  return plan;
}

function place(wanted: WantedVolume, { elsewhere }: AttachFacts, plan: AttachPlan): void {
  const by = isSharedByNodes(wanted.volume) ? [] : elsewhere(wanted.volume);
  if (by.length > 0) plan.blocked.push({ wanted, by });
  else plan.create.push(wanted);
}

/**
 * How long an attachment that nobody wants has to stay: until the kubelet says that it has let go; a kubelet that cannot say
 * it any more is waited for six minutes, and not at all when somebody has declared its node out of service.
 */
function releaseAfterMs(
  name: string | undefined,
  attachment: VolumeAttachment,
  { node, unwantedForMs }: AttachFacts,
): number {
  // A node that is gone had it mounted as far as anybody knows.
  const isMounted = !node || (name !== undefined && (node.status?.volumesInUse ?? []).includes(name));
  if (!isMounted || node?.spec.taints?.some(({ key }) => key === OUT_OF_SERVICE)) return 0;
  const isReady = node?.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True');
  return isReady ? Infinity : FORCE_DETACH_MS - unwantedForMs(attachment);
}

/** Pods that do not count any more: their containers have ended. */
export function hasLeft({ metadata, status }: Pod): boolean {
  if (status?.phase === 'Succeeded' || status?.phase === 'Failed') return true;
  if (!metadata.deletionTimestamp) return false;
  return (status?.containerStatuses ?? []).every(({ state }) => state?.terminated ?? state?.waiting);
}

/** Why a Pod waits for a volume that another node has. `users` are the Pods there that use it. */
export function multiAttachMessage(volume: string, pod: Pod, users: readonly Pod[]): string {
  const head = `Multi-Attach error for volume "${volume}" `;
  if (users.length === 0) {
    return `${head}Volume is already exclusively attached to one node and can't be attached to another`;
  }
  const local = users.filter(({ metadata }) => metadata.namespace === pod.metadata.namespace);
  const others = users.length - local.length;
  if (local.length === 0) return `${head}Volume is already used by ${others} pod(s) in different namespaces`;
  const names = local.map(({ metadata }) => metadata.name).join(', ');
  const rest = others > 0 ? ` and ${others} pod(s) in different namespaces` : '';
  return `${head}Volume is already used by pod(s) ${names}${rest}`;
}
