import { Nodes, Pods } from '#common/kube/resources';
import type { Pod } from '#common/kube/types';
import { formatTime } from '#common/base/clock';
import {
  again,
  defineController,
  namedIndex,
  settled,
  watched,
  type Controller,
  type ReconcileContext,
} from '../runtime/define-controller';
import { ignoreGone, refOf } from '../runtime/ownership';

const BY_NODE = 'controllers/node';
/** A Node may come back under its name; kube-controller-manager waits as long before it gives its Pods up. */
const QUARANTINE_MS = 40_000;

/** Removes Pods whose Node is gone: no kubelet is left to do it. */
export function podGarbageCollector(): Controller {
  /** When each Node was first missed. */
  const missedSince = new Map<string, number>();
  return defineController({
    name: 'pod-garbage-collector',
    reconciles: Nodes,
    indexes: [namedIndex(Pods, BY_NODE, ({ spec }) => (spec.nodeName ? [spec.nodeName] : []))],
    watches: [
      watched(Pods, ({ spec }, cache) => (spec.nodeName && !cache.get(Nodes, spec.nodeName) ? [spec.nodeName] : [])),
    ],

    async reconcile(key, context) {
      const pods = context.cache.indexed(Pods, BY_NODE, key);
      if (context.cache.get(Nodes, key) || pods.length === 0) {
        missedSince.delete(key);
        return settled;
      }
      const since = missedSince.get(key) ?? context.clock.now();
      missedSince.set(key, since);
      const leftMs = since + QUARANTINE_MS - context.clock.now();
      if (leftMs > 0) return again(leftMs);
      for (const pod of pods) await giveUp(pod, context);
      return settled;
    },
  });
}

async function giveUp(pod: Pod, { client, clock, signal }: ReconcileContext): Promise<void> {
  if (pod.status?.phase !== 'Succeeded' && pod.status?.phase !== 'Failed') {
    const condition = {
      type: 'DisruptionTarget',
      status: 'True',
      reason: 'DeletionByPodGC',
      message: 'PodGC: node no longer exists',
      lastTransitionTime: formatTime(clock.now()),
    };
    const patch = { status: { phase: 'Failed', conditions: [condition] } };
    await ignoreGone(client.patch(Pods, refOf(pod), { type: 'strategic', patch }, { subresource: 'status', signal }));
  }
  const options = { gracePeriodSeconds: 0, preconditions: { uid: pod.metadata.uid }, signal };
  await ignoreGone(client.remove(Pods, refOf(pod), options));
}
