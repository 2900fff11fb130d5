import { Pods } from '#common/kube/resources';
import { isConflict, isNotFound } from '#common/kube/status-error';
import type { Pod, PodStatus } from '#common/kube/types';
import type { KubeClient } from '#main/client/client';
import { WorkLimit } from './work-limit';

/** Status writes that are under way at once. */
const CONCURRENT_WRITES = 16;

interface Pending {
  pod: Pod;
  status: PodStatus;
}

/** Sends Pod statuses to the server: of several for one Pod that wait, only the latest goes out. */
export class StatusWriter {
  readonly #client: KubeClient;
  readonly #signal: AbortSignal;
  readonly #report: (failure: unknown) => void;
  readonly #limit = new WorkLimit(CONCURRENT_WRITES);
  readonly #pending = new Map<string, Pending>();
  readonly #busy = new Map<string, Promise<void>>();

  constructor(client: KubeClient, { signal, report }: { signal: AbortSignal; report: (failure: unknown) => void }) {
    this.#client = client;
    this.#signal = signal;
    this.#report = report;
  }

  /** Resolves when this status, or a later one, is written or the Pod is gone. */
  write(pod: Pod, status: PodStatus): Promise<void> {
    const { uid } = pod.metadata;
    this.#pending.set(uid, { pod, status });
    let busy = this.#busy.get(uid);
    if (!busy) {
      busy = this.#drain(uid).finally(() => this.#busy.delete(uid));
      this.#busy.set(uid, busy);
    }
    return busy;
  }

  async #drain(uid: string): Promise<void> {
    while (this.#pending.has(uid)) await this.#limit.run(() => this.#sendLatest(uid));
  }

  async #sendLatest(uid: string): Promise<void> {
    const pending = this.#pending.get(uid);
    this.#pending.delete(uid);
    if (!pending || this.#signal.aborted) return;
    const { namespace, name } = pending.pod.metadata;
    // The uid makes it a conflict when another Pod took the name meanwhile, as the kubelet's own patches do.
    const patch = { metadata: { uid }, status: withoutLeftovers(pending.status, pending.pod) };
    try {
      const options = { subresource: 'status', signal: this.#signal };
      await this.#client.patch(Pods, { name, namespace }, { type: 'strategic', patch }, options);
    } catch (failure) {
      if (!isNotFound(failure) && !isConflict(failure) && !this.#signal.aborted) this.#report(failure);
    }
  }
}

/** Conditions of a kubelet that are there only while they hold. */
const PASSING = ['PodResizePending', 'PodResizeInProgress'];

/**
 * A strategic patch merges conditions field by field: what a condition no longer says must be taken away by name. Of
 * addresses, those of an earlier sandbox go.
 */
function withoutLeftovers({ conditions, ...rest }: PodStatus, pod: Pod) {
  const { podIPs } = rest;
  const status = podIPs ? { ...rest, podIPs: [{ $patch: 'replace' }, ...podIPs] } : rest;
  if (!conditions) return status;
  const gone = PASSING.filter(
    (type) => pod.status?.conditions?.some((one) => one.type === type) && !conditions.some((one) => one.type === type),
  );
  return {
    ...status,
    conditions: [
      ...conditions.map((condition) => ({ reason: null, message: null, ...condition })),
      ...gone.map((type) => ({ type, $patch: 'delete' })),
    ],
  };
}
