import type { Pod } from '#common/kube/types';

const none: ReadonlyMap<string, Pod> = new Map();

/** Pods that wait for room which others make on a node: who is less important leaves it to them. */
export class Nominations {
  readonly #byNode = new Map<string, Map<string, Pod>>();
  readonly #nodeOf = new Map<string, string>();

  get isEmpty(): boolean {
    return this.#nodeOf.size === 0;
  }

  /** By uid. */
  on(nodeName: string): ReadonlyMap<string, Pod> {
    return this.#byNode.get(nodeName) ?? none;
  }

  nodeOf(uid: string): string | undefined {
    return this.#nodeOf.get(uid);
  }

  /** The Pod waits for `nodeName`, and for no other node. */
  set(pod: Pod, nodeName: string): void {
    const { uid } = pod.metadata;
    this.remove(uid);
    this.#nodeOf.set(uid, nodeName);
    const pods = this.#byNode.get(nodeName);
    if (pods) pods.set(uid, pod);
    else this.#byNode.set(nodeName, new Map([[uid, pod]]));
  }

  remove(uid: string): void {
    const nodeName = this.#nodeOf.get(uid);
    if (nodeName === undefined) return;
    this.#nodeOf.delete(uid);
    const pods = this.#byNode.get(nodeName);
    pods?.delete(uid);
    if (pods?.size === 0) this.#byNode.delete(nodeName);
  }
}
