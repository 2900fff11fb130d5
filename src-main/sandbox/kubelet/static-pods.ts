/** Pods that a kubelet runs from manifests of its own; the API server sees a mirror of each. */
import { createHash } from 'node:crypto';
import type { Clock } from '#common/base/clock';
import { Pods } from '#common/kube/resources';
import { isAlreadyExists, isConflict, isNotFound } from '#common/kube/status-error';
import type { Node, Pod } from '#common/kube/types';
import type { Draft, KubeClient } from '#main/client/client';

const HASH = 'kubernetes.io/config.hash';
const MIRROR = 'kubernetes.io/config.mirror';

export interface StaticPodsOptions {
  client: KubeClient;
  clock: Clock;
  signal: AbortSignal;
  /** The manifests of the control plane's node. */
  manifests: readonly Pod[];
  report: (failure: unknown) => void;
}

export const isMirror = ({ metadata }: Pod): boolean => metadata.annotations?.[MIRROR] !== undefined;

/** The mirror Pods of one node. */
export class StaticPods {
  readonly #options: StaticPodsOptions;
  readonly #drafts = new Map<string, Draft<Pod>>();
  readonly nodeName: string;

  constructor(node: Node, options: StaticPodsOptions) {
    this.#options = options;
    this.nodeName = node.metadata.name;
    for (const manifest of options.manifests) {
      const draft = mirrorOf(manifest, node, options.clock);
      this.#drafts.set(keyOf(draft), draft);
    }
  }

  /** Makes the mirrors that `known` Pods lack, and those of manifests that have changed. */
  start(known: (key: string) => Pod | undefined): void {
    for (const [key, draft] of this.#drafts) {
      const mirror = known(key);
      if (!mirror) this.#create(draft);
      else if (mirror.metadata.annotations?.[HASH] !== draft.metadata.annotations?.[HASH]) this.release(mirror);
    }
  }

  /** Lets a mirror go that someone deletes: what it mirrors is not theirs to stop. */
  release({ metadata: { name, namespace, uid } }: Pod): void {
    const { client, signal } = this.#options;
    const removing = client.remove(
      Pods,
      { name, namespace },
      { gracePeriodSeconds: 0, preconditions: { uid }, signal },
    );
    removing.catch((failure) => {
      if (!isNotFound(failure) && !isConflict(failure)) this.#report(failure);
    });
  }

  /** Makes a mirror anew that is gone. False when no manifest stands behind it. */
  renew(mirror: Pod): boolean {
    const draft = this.#drafts.get(keyOf(mirror));
    if (draft) this.#create(draft);
    return draft !== undefined;
  }

  #create(draft: Draft<Pod>): void {
    const { client, signal } = this.#options;
    client.create(Pods, draft, { signal }).catch((failure) => {
      if (!isAlreadyExists(failure)) this.#report(failure);
    });
  }

  #report(failure: unknown): void {
    if (!this.#options.signal.aborted) this.#options.report(failure);
  }
}

const keyOf = ({ metadata: { namespace = '', name = '' } }: Draft<Pod>): string => `${namespace}/${name}`;

/** A mirror as the kubelet creates it (pkg/kubelet/config and pkg/kubelet/pod). */
function mirrorOf(manifest: Pod, node: Node, clock: Clock): Draft<Pod> {
  const { name, annotations, ...metadata } = manifest.metadata;
  const nodeName = node.metadata.name;
  const hash = createHash('md5').update(JSON.stringify(manifest)).update(nodeName).digest('hex');
  return {
    metadata: {
      ...metadata,
      name: `${name}-${nodeName}`,
      annotations: {
        ...annotations,
        [HASH]: hash,
        [MIRROR]: hash,
        'kubernetes.io/config.seen': new Date(clock.now()).toISOString().replace('Z', '000000Z'),
        'kubernetes.io/config.source': 'file',
      },
      ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name: nodeName, uid: node.metadata.uid, controller: true }],
    },
    spec: {
      ...manifest.spec,
      nodeName,
      tolerations: [...(manifest.spec.tolerations ?? []), { operator: 'Exists', effect: 'NoExecute' }],
    },
  };
}
