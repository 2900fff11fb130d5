import { Nodes, Pods } from '#common/kube/resources';
import type { Pod, Taint, Toleration } from '#common/kube/types';
import { again, defineController, namedIndex, settled, watched } from '../runtime/define-controller';
import { ignoreGone, refOf } from '../runtime/ownership';

const BY_NODE = 'controllers/node';

/** Deletes Pods that do not tolerate a NoExecute taint of their Node, or tolerate it only for a time that has passed. */
export const taintEvictionController = defineController({
  name: 'taint-eviction',
  reconciles: Pods,
  indexes: [namedIndex(Pods, BY_NODE, ({ spec }) => (spec.nodeName ? [spec.nodeName] : []))],
  watches: [
    watched(Nodes, (node, cache) =>
      cache.indexed(Pods, BY_NODE, node.metadata.name).map(({ metadata }) => `${metadata.namespace}/${metadata.name}`),
    ),
  ],

  async reconcile(key, { cache, client, record, clock, signal }) {
    const pod = cache.get(Pods, key);
    if (!pod?.spec.nodeName || pod.metadata.deletionTimestamp) return settled;
    const node = cache.get(Nodes, pod.spec.nodeName);
    const leftMs = untilEvicted(pod, node?.spec.taints ?? [], clock.now());
    if (leftMs === undefined) return settled;
    if (leftMs > 0) return again(leftMs);
    const message = `Marking for deletion Pod ${key}`;
    record(pod, { type: 'Normal', reason: 'TaintManagerEviction', message });
    await ignoreGone(client.remove(Pods, refOf(pod), { preconditions: { uid: pod.metadata.uid }, signal }));
    return settled;
  },
});

/** Milliseconds the Pod may stay; undefined when it may stay for good. */
export function untilEvicted({ spec }: Pick<Pod, 'spec'>, taints: readonly Taint[], nowMs: number): number | undefined {
  let shortest: number | undefined;
  for (const taint of taints) {
    if (taint.effect !== 'NoExecute') continue;
    const tolerations = (spec.tolerations ?? []).filter((toleration) => tolerates(toleration, taint));
    if (tolerations.length === 0) return 0;
    const seconds = tolerations.flatMap(({ tolerationSeconds }) => tolerationSeconds ?? []);
    if (seconds.length === 0) continue;
    const since = taint.timeAdded ? Date.parse(taint.timeAdded) : nowMs;
    const leftMs = Math.max(0, since + Math.max(0, Math.min(...seconds)) * 1000 - nowMs);
    shortest = Math.min(shortest ?? leftMs, leftMs);
  }
  return shortest;
}

function tolerates({ key, operator = 'Equal', value = '', effect }: Toleration, taint: Taint): boolean {
  if (effect && effect !== taint.effect) return false;
  if (key && key !== taint.key) return false;
  return operator === 'Exists' || (operator === 'Equal' && value === (taint.value ?? ''));
}
