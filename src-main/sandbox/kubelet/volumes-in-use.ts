import { Nodes } from '#common/kube/resources';
import { isNotFound } from '#common/kube/status-error';
import type { KubeClient } from '#main/client/client';

export interface VolumesInUseOptions {
  nodeName: string;
  client: KubeClient;
  /** What the node's status says now. */
  reported: () => readonly string[];
  /** Whether the kubelet runs: nobody else says what is in use. */
  isOn: () => boolean;
  signal: AbortSignal;
}

/** The attachable volumes that a node's Pods use: the control plane takes none of them away while the node names them. */
export class VolumesInUse {
  readonly #options: VolumesInUseOptions;
  readonly #users = new Map<string, Set<string>>();
  /** The write under way, and the one that follows it. */
  #writing: Promise<void> | undefined;
  #next: Promise<void> | undefined;

  constructor(options: VolumesInUseOptions) {
    this.#options = options;
  }

  /** Resolves when the node's status names the volume: it may be mounted from then on. */
  async use(volume: string, podUid: string): Promise<void> {
    const users = this.#users.get(volume);
    if (users) users.add(podUid);
    else this.#users.set(volume, new Set([podUid]));
    await this.publish();
  }

  /** A Pod has let all its volumes go. */
  async release(podUid: string): Promise<void> {
    let isNews = false;
    for (const [volume, users] of this.#users) {
      if (!users.delete(podUid) || users.size > 0) continue;
      this.#users.delete(volume);
      isNews = true;
    }
    if (isNews) await this.publish();
  }

  /** Says what is in use; what changes meanwhile is said together afterwards. */
  publish(): Promise<void> {
    if (!this.#writing) {
      this.#writing = this.#write().finally(() => (this.#writing = undefined));
      return this.#writing;
    }
    this.#next ??= this.#writing
      .catch(() => undefined)
      .then(() => {
        this.#next = undefined;
        return this.publish();
      });
    return this.#next;
  }

  async #write(): Promise<void> {
    const { nodeName, client, reported, isOn, signal } = this.#options;
    if (!isOn() || signal.aborted) return;
    const volumes = [...this.#users.keys()];
    if (isSame(volumes, reported())) return;
    const patch = { status: { volumesInUse: volumes.length > 0 ? volumes : null } };
    try {
      await client.patch(Nodes, { name: nodeName }, { type: 'merge', patch }, { subresource: 'status', signal });
    } catch (failure) {
      if (!isNotFound(failure) && !signal.aborted) throw failure;
    }
  }
}

function isSame(left: readonly string[], right: readonly string[]): boolean {
  return left.length === right.length && left.every((name) => right.includes(name));
}
