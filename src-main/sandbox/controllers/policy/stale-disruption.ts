import { formatTime } from '#common/base/clock';
import { Pods } from '#common/kube/resources';
import type { Pod } from '#common/kube/types';
import { podCondition } from '../apps/pod-facts';
import { again, defineController, settled } from '../runtime/define-controller';
import { ignoreGone, refOf } from '../runtime/ownership';

/** A disruption that has not come after this long does not come (stalePodDisruptionTimeout). */
const TIMEOUT_MS = 120_000;

/** Takes back the announcement of a disruption that never came. */
export const staleDisruptionController = defineController({
  name: 'stale-pod-disruption',
  component: 'controllermanager',
  reconciles: Pods,

  async reconcile(key, { cache, client, clock, signal }) {
    const pod = cache.get(Pods, key);
    const leftMs = pod && untilStale(pod, clock.now());
    if (!pod || leftMs === undefined) return settled;
    if (leftMs > 0) return again(leftMs);
    const condition = {
      type: 'DisruptionTarget',
      status: 'False',
      lastTransitionTime: formatTime(clock.now()),
      reason: null,
      message: null,
    };
    const patch = { status: { conditions: [condition] } };
    await ignoreGone(client.patch(Pods, refOf(pod), { type: 'strategic', patch }, { subresource: 'status', signal }));
    return settled;
  },
});

/** Milliseconds until an announced disruption is stale; undefined where none is announced, or one that comes for sure. */
export function untilStale(pod: Pod, nowMs: number): number | undefined {
  const { phase } = pod.status ?? {};
  if (pod.metadata.deletionTimestamp || phase === 'Succeeded' || phase === 'Failed') return undefined;
  const condition = podCondition(pod, 'DisruptionTarget');
  if (condition?.status !== 'True' || condition.reason === 'TerminationByKubelet') return undefined;
  return Math.max(0, Date.parse(condition.lastTransitionTime ?? '') + TIMEOUT_MS - nowMs);
}
