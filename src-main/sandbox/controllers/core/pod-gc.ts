import { keyOf } from '#common/kube/object';
import { Nodes, Pods } from '#common/kube/resources';
import type { Node, Pod, PodCondition } from '#common/kube/types';
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
import { disruptionTarget } from './disruption-target';
import { readyCondition } from './node-health';

const BY_NODE = 'controllers/node';
const ENDED = 'controllers/ended';
const OUT_OF_SERVICE = 'node.kubernetes.io/out-of-service';
/** A Node may come back under its name; kube-controller-manager waits as long before it gives its Pods up. */
const QUARANTINE_MS = 40_000;
/** How often kube-controller-manager looks (gcCheckPeriod): kubelets and others have this long to do it themselves. */
const PERIOD_MS = 20_000;
/** How many Pods that have ended are kept (--terminated-pod-gc-threshold). */
const MAX_ENDED = 12_500;

const byNode = namedIndex(Pods, BY_NODE, ({ spec }) => (spec.nodeName ? [spec.nodeName] : []));

/** Removes Pods whose Node is gone: no kubelet is left to do it. */
export function orphanedPodCollector(): Controller {
  /** When each Node was first missed. */
  const missedSince = new Map<string, number>();
  return defineController({
    name: 'pod-garbage-collector',
    reconciles: Nodes,
    indexes: [byNode],
    watches: [
      watched(Pods, ({ spec }, cache) => (spec.nodeName && !cache.get(Nodes, spec.nodeName) ? [spec.nodeName] : [])),
    ],

    async reconcile(key, context) {
      const pods = context.cache.indexed(Pods, BY_NODE, key);
      if (context.cache.get(Nodes, key) || pods.length === 0) {
        missedSince.delete(key);
        return settled;
      }
      const nowMs = context.clock.now();
      const since = missedSince.get(key) ?? nowMs;
      missedSince.set(key, since);
      const leftMs = since + QUARANTINE_MS - nowMs;
      if (leftMs > 0) return again(leftMs);
      const told = (pod: Pod) => disruptionTarget(pod, 'DeletionByPodGC', 'PodGC: node no longer exists', nowMs);
      for (const pod of pods) await giveUp(pod, context, told(pod));
      return settled;
    },
  });
}

/** Removes Pods that wait in vain to go, and the oldest of very many that have ended. `maxEnded` is how many are kept. */
export function podGarbageCollector(maxEnded = MAX_ENDED): Controller {
  return defineController({
    name: 'pod-garbage-collector',
    reconciles: Pods,
    indexes: [byNode, namedIndex(Pods, ENDED, (pod) => (hasEnded(pod) ? [''] : []))],
    watches: [
      watched(Nodes, (node, cache) =>
        isOutOfService(node) ? cache.indexed(Pods, BY_NODE, node.metadata.name).map(keyOf) : [],
      ),
    ],

    async reconcile(key, context) {
      const { cache, clock } = context;
      const pod = cache.get(Pods, key);
      if (!pod) return settled;
      if (pod.metadata.deletionTimestamp) {
        if (!waitsInVain(pod, cache.get(Nodes, pod.spec.nodeName ?? ''))) return settled;
        const leftMs = Date.parse(pod.metadata.deletionTimestamp) + PERIOD_MS - clock.now();
        if (leftMs > 0) return again(leftMs);
        await giveUp(pod, context);
        return settled;
      }
      const ended = hasEnded(pod) ? cache.indexed(Pods, ENDED, '') : [];
      for (const surplus of surplusOf(ended, maxEnded)) await giveUp(surplus, context);
      return settled;
    },
  });
}

const hasEnded = ({ status }: Pod): boolean => status?.phase === 'Succeeded' || status?.phase === 'Failed';

/** Pods that should go, but nobody takes them away. */
export function waitsInVain({ spec }: Pod, node: Node | undefined): boolean {
  return spec.nodeName ? node !== undefined && isOutOfService(node) : true;
}

/** Somebody vouches that the Node is switched off. */
function isOutOfService(node: Node): boolean {
  const isReady = readyCondition(node)?.status === 'True';
  return !isReady && (node.spec.taints?.some(({ key }) => key === OUT_OF_SERVICE) ?? false);
}

/** Those beyond `max`: evicted ones first, then the oldest. */
export function surplusOf(ended: readonly Pod[], max: number): Pod[] {
  if (ended.length <= max) return [];
  const rank = ({ metadata, status }: Pod) =>
    `${status?.reason === 'Evicted' ? 0 : 1} ${metadata.creationTimestamp} ${metadata.name}`;
  return ended.toSorted((left, right) => (rank(left) < rank(right) ? -1 : 1)).slice(0, ended.length - max);
}

async function giveUp(pod: Pod, { client, signal }: ReconcileContext, condition?: PodCondition): Promise<void> {
  const { uid, generation } = pod.metadata;
  if (!hasEnded(pod)) {
    const status = {
      phase: 'Failed',
      ...(generation === undefined ? {} : { observedGeneration: generation }),
      ...(condition ? { conditions: [condition] } : {}),
    };
    const patch = { metadata: { uid }, status };
    await ignoreGone(client.patch(Pods, refOf(pod), { type: 'strategic', patch }, { subresource: 'status', signal }));
  }
  await ignoreGone(client.remove(Pods, refOf(pod), { gracePeriodSeconds: 0, preconditions: { uid }, signal }));
}
