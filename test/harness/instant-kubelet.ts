import { formatTime } from '#common/base/clock';
import { Pods } from '#common/kube/resources';
import { again, defineController, settled } from '#main/sandbox/controllers/runtime/define-controller';

export interface InstantKubeletOptions {
  /** How long a Pod takes to become ready. */
  startMs?: number;
  /** Images whose Pods never become ready. */
  broken?: readonly string[];
}

/** Stands in for all kubelets where only the life of Pods as controllers see it matters: running and ready after a moment. */
export function instantKubelet({ startMs = 1000, broken = [] }: InstantKubeletOptions = {}) {
  return defineController({
    name: 'instant-kubelet',
    reconciles: Pods,
    concurrency: 50,

    async reconcile(key, { cache, client, clock, signal }) {
      const pod = cache.get(Pods, key);
      if (!pod || pod.status?.phase === 'Running') return settled;
      const { name, namespace, uid, creationTimestamp, deletionTimestamp } = pod.metadata;
      if (deletionTimestamp) {
        await client.remove(Pods, { name, namespace }, { gracePeriodSeconds: 0, preconditions: { uid }, signal });
        return settled;
      }
      if (broken.includes(pod.spec.containers[0]?.image ?? '')) return settled;
      const leftMs = Date.parse(creationTimestamp) + startMs - clock.now();
      if (leftMs > 0) return again(leftMs);
      const conditions = ['Initialized', 'Ready', 'ContainersReady', 'PodScheduled'].map((type) => ({
        type,
        status: 'True',
        lastTransitionTime: formatTime(clock.now()),
      }));
      const patch = { status: { phase: 'Running', conditions, podIP: '10.244.0.9' } };
      await client.patch(Pods, { name, namespace }, { type: 'strategic', patch }, { subresource: 'status', signal });
      return settled;
    },
  });
}
