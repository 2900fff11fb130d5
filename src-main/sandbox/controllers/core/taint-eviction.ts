import { keyOf } from '#common/kube/object';
import { Nodes, Pods } from '#common/kube/resources';
import type { Pod, Taint, Toleration } from '#common/kube/types';
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

const BY_NODE = 'controllers/node';

/** Deletes Pods that do not tolerate a NoExecute taint of their Node, or tolerate it only for a time that has passed. */
export function taintEvictionController(): Controller {
  const noticed = new Map<string, Notice>();
  const forget = (key: string, { record }: ReconcileContext): void => {
    const known = noticed.get(key);
    noticed.delete(key);
    if (known && !known.isDone) record(nameless(key), note(`Cancelling deletion of Pod ${key}`));
  };
  return defineController({
    name: 'taint-eviction',
    reconciles: Pods,
    concurrency: 8,
    indexes: [namedIndex(Pods, BY_NODE, ({ spec }) => (spec.nodeName ? [spec.nodeName] : []))],
    watches: [watched(Nodes, (node, cache) => cache.indexed(Pods, BY_NODE, node.metadata.name).map(keyOf))],

    async reconcile(key, context) {
      const { cache, clock, record } = context;
      const pod = cache.get(Pods, key);
      const node = pod?.spec.nodeName ? cache.get(Nodes, pod.spec.nodeName) : undefined;
      const mayStayMs = pod && toleratedMs(pod, node?.spec.taints ?? []);
      if (!pod || mayStayMs === undefined || noticed.get(key)?.uid !== pod.metadata.uid) forget(key, context);
      if (!pod || mayStayMs === undefined) return settled;
      const notice = noticed.get(key) ?? { uid: pod.metadata.uid, sinceMs: clock.now(), isDone: false };
      noticed.set(key, notice);
      const leftMs = notice.sinceMs + mayStayMs - clock.now();
      if (leftMs > 0) return again(leftMs);
      if (notice.isDone) return settled;
      record(nameless(key), note(`Marking for deletion Pod ${key}`));
      await evict(pod, context);
      notice.isDone = true;
      return settled;
    },
  });
}

/** That a Pod is to go. A taint need not tell since when it is there: the time counts from when it was noticed. */
interface Notice {
  uid: string;
  sinceMs: number;
  isDone: boolean;
}

const note = (message: string) => ({ type: 'Normal' as const, reason: 'TaintManagerEviction', message });

/** The controller speaks of Pods by their names only. */
function nameless(key: string) {
  const [namespace = '', name = ''] = key.split('/');
  const metadata = { namespace, name, uid: '', resourceVersion: '', creationTimestamp: '' };
  return { apiVersion: 'v1', kind: 'Pod', metadata };
}

async function evict(pod: Pod, { client, clock, signal }: ReconcileContext): Promise<void> {
  const text = 'Taint manager: deleting due to NoExecute taint';
  const conditions = [disruptionTarget(pod, 'DeletionByTaintManager', text, clock.now())];
  const patch = { metadata: { uid: pod.metadata.uid }, status: { conditions } };
  await ignoreGone(client.patch(Pods, refOf(pod), { type: 'strategic', patch }, { subresource: 'status', signal }));
  await ignoreGone(client.remove(Pods, refOf(pod), { preconditions: { uid: pod.metadata.uid }, signal }));
}

/** How long the Pod may stay from when the taints were noticed, in milliseconds; undefined when it may stay for good. */
export function toleratedMs({ spec }: Pick<Pod, 'spec'>, taints: readonly Taint[]): number | undefined {
  let shortest: number | undefined;
  for (const taint of taints) {
    if (taint.effect !== 'NoExecute') continue;
    const toleration = (spec.tolerations ?? []).find((one) => tolerates(one, taint));
    if (!toleration) return 0;
    const { tolerationSeconds } = toleration;
    if (tolerationSeconds === undefined) continue;
    shortest = Math.min(shortest ?? Number.POSITIVE_INFINITY, Math.max(0, tolerationSeconds) * 1000);
  }
  return shortest;
}

function tolerates({ key, operator = 'Equal', value = '', effect }: Toleration, taint: Taint): boolean {
  if (effect && effect !== taint.effect) return false;
  if (key && key !== taint.key) return false;
  return operator === 'Exists' || (operator === 'Equal' && value === (taint.value ?? ''));
}
