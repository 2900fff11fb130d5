import { formatTime, type Clock } from '#common/base/clock';
import { Pods } from '#common/kube/resources';
import { isNotFound } from '#common/kube/status-error';
import type { Pod } from '#common/kube/types';
import type { KubeClient } from '#main/client/client';

export interface SchedulingStatus {
  /** Of the condition PodScheduled; it is left alone unless given. */
  reason: string | undefined;
  message: string | undefined;
  /** The node that the Pod waits for; empty for none, undefined to leave it. */
  nominated: string | undefined;
}

interface Writing {
  client: KubeClient;
  clock: Clock;
  signal: AbortSignal;
}

/** Says in the Pod's status that it has no node yet, and for which it waits. Writes only what is news. */
export async function writeRefusal(
  pod: Pod,
  status: SchedulingStatus,
  { client, clock, signal }: Writing,
): Promise<void> {
  const patch = {
    ...(status.message === undefined ? {} : conditionPatch(pod, status, clock.now())),
    ...nominationPatch(pod, status.nominated),
  };
  if (Object.keys(patch).length === 0) return;
  const { name, namespace, uid } = pod.metadata;
  const body = { metadata: { uid }, status: patch };
  try {
    await client.patch(
      Pods,
      { name, namespace },
      { type: 'strategic', patch: body },
      { subresource: 'status', signal },
    );
  } catch (failure) {
    if (!isNotFound(failure)) throw failure;
  }
}

function conditionPatch(pod: Pod, { reason, message }: SchedulingStatus, nowMs: number): object {
  const known = pod.status?.conditions?.find(({ type }) => type === 'PodScheduled');
  if (known?.status === 'False' && known.reason === reason && known.message === message) return {};
  const lastTransitionTime = known?.status === 'False' ? known.lastTransitionTime : formatTime(nowMs);
  const { generation } = pod.metadata;
  const facts = { observedGeneration: generation, status: 'False', lastTransitionTime, reason, message };
  return { conditions: [{ type: 'PodScheduled', ...facts }] };
}

function nominationPatch({ status }: Pod, nominated: string | undefined): object {
  if (nominated === undefined || nominated === (status?.nominatedNodeName ?? '')) return {};
  return { nominatedNodeName: nominated || null };
}
