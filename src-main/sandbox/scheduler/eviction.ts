import { formatTime, type Clock } from '#common/base/clock';
import { Pods } from '#common/kube/resources';
import { isNotFound } from '#common/kube/status-error';
import type { Pod } from '#common/kube/types';
import type { KubeClient } from '#main/client/client';
import type { Nominations } from './nominations';
import { priorityOf } from './pod-rules';
import { writeRefusal } from './pod-status';
import type { SchedulingNote } from './scheduler';

export interface EvictionDeps {
  client: KubeClient;
  clock: Clock;
  signal: AbortSignal;
  nominations: Nominations;
}

/** Makes room for a Pod on a node. */
export class Eviction {
  readonly #deps: EvictionDeps;

  constructor(deps: EvictionDeps) {
    this.#deps = deps;
  }

  /** Resolves when every victim was told to go. */
  async makeRoom(
    pod: Pod,
    nodeName: string,
    { victims, note }: { victims: readonly Pod[]; note: (victim: Pod, note: SchedulingNote) => void },
  ): Promise<void> {
    await this.#withdrawLesser(pod, nodeName);
    const staying = victims.filter(({ metadata }) => !metadata.deletionTimestamp);
    await Promise.all(
      staying.map(async (victim) => {
        if (!(await this.#remove(victim, pod))) return;
        const message = `Preempted by pod ${pod.metadata.uid} on node ${nodeName}`;
        note(victim, { type: 'Normal', reason: 'Preempted', message, action: 'Preempting' });
      }),
    );
  }

  /** Less important Pods that wait for the node may not fit any more: they look for another one. */
  async #withdrawLesser(pod: Pod, nodeName: string): Promise<void> {
    const lesser = [...this.#deps.nominations.on(nodeName).values()].filter(
      (other) => priorityOf(other) < priorityOf(pod),
    );
    for (const other of lesser) {
      this.#deps.nominations.remove(other.metadata.uid);
      await writeRefusal(other, { reason: undefined, message: undefined, nominated: '' }, this.#deps);
    }
  }

  /** False when it is gone already. */
  async #remove(victim: Pod, { spec }: Pod): Promise<boolean> {
    const { client, clock, signal } = this.#deps;
    const { name, namespace, uid, generation } = victim.metadata;
    const condition = {
      type: 'DisruptionTarget',
      observedGeneration: generation,
      status: 'True',
      lastTransitionTime: formatTime(clock.now()),
      reason: 'PreemptionByScheduler',
      message: `${spec.schedulerName}: preempting to accommodate a higher priority pod`,
    };
    const patch = { metadata: { uid }, status: { conditions: [condition] } };
    try {
      await client.patch(Pods, { name, namespace }, { type: 'strategic', patch }, { subresource: 'status', signal });
      await client.remove(Pods, { name, namespace }, { signal });
      return true;
    } catch (failure) {
      if (isNotFound(failure)) return false;
      throw failure;
    }
  }
}
