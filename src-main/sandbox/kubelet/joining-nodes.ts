import { MANAGED_ATTACHMENTS } from '#common/kinds/volume-attachment';
import { Nodes } from '#common/kube/resources';
import { isNotFound } from '#common/kube/status-error';
import type { Node } from '#common/kube/types';
import type { Clock } from '#common/base/clock';
import type { Random } from '#common/base/random';
import type { Scope } from '#common/base/scope';
import type { KubeClient } from '#main/client/client';
import type { Informer } from '#main/informer/informer';
import { nodeAddress } from '../network/pod-addresses';
import { nodeDraft, nodeStatus } from './node-object';

/** Whose machine a Node is: a sandbox plays those that name it, others have a kubelet of their own or none. */
const PROVIDER = 'sandbox:///';

export const isMachine = ({ metadata, spec }: Node): boolean => spec.providerID === `${PROVIDER}${metadata.name}`;

export interface JoiningNodesOptions {
  nodes: Informer<Node>;
  client: KubeClient;
  clock: Clock;
  random: Random;
  scope: Scope;
  isKnown: (name: string) => boolean;
  /** A machine is registered: its kubelet may begin. */
  joined: (node: Node, number: number) => Promise<void>;
  /** Its Node is gone. */
  left: (name: string) => void;
  report: (failure: unknown) => void;
}

/** Follows the Nodes that people add to a running cluster, and those that they take away. */
export class JoiningNodes {
  readonly #options: JoiningNodesOptions;
  readonly #joining = new Set<string>();

  constructor(options: JoiningNodesOptions) {
    this.#options = options;
  }

  start(): void {
    const { nodes, scope, left, isKnown } = this.#options;
    scope.add(
      nodes.subscribe((deltas) => {
        for (const { type, object } of deltas) {
          if (type !== 'removed') this.#consider(object);
          else if (isKnown(object.metadata.name)) left(object.metadata.name);
        }
      }),
    );
    for (const node of nodes.cache.values()) this.#consider(node);
  }

  /** A machine joins when the control plane has given it addresses for its Pods. */
  #consider(node: Node): void {
    const { isKnown, report } = this.#options;
    const { name } = node.metadata;
    if (!isMachine(node) || !node.spec.podCIDR || isKnown(name) || this.#joining.has(name)) return;
    this.#joining.add(name);
    this.#join(node)
      .catch((failure) => {
        // Taken away again in the meantime.
        if (!isNotFound(failure)) report(failure);
      })
      .finally(() => this.#joining.delete(name));
  }

  async #join(node: Node): Promise<void> {
    const { client, scope, joined } = this.#options;
    const { signal } = scope;
    const { name } = node.metadata;
    const number = this.#freeNumber(node);
    await client.patch(Nodes, { name }, { type: 'strategic', patch: { metadata: registration(node) } }, { signal });
    const status = registeredStatus(node, nodeStatus(name, number, this.#options));
    const options = { subresource: 'status', signal };
    const registered = await client.patch(Nodes, { name }, { type: 'strategic', patch: { status } }, options);
    await joined(registered, number);
  }

  /** The first address of the nodes' network that no other node has. */
  #freeNumber({ metadata: { name } }: Node): number {
    const taken = new Set<string>();
    for (const { metadata, status } of this.#options.nodes.cache.values()) {
      if (metadata.name !== name) for (const { address } of status?.addresses ?? []) taken.add(address);
    }
    let number = 1;
    while (taken.has(nodeAddress(number))) number++;
    return number;
  }
}

/** The labels and annotations that a kubelet gives its Node; what somebody has said already stays. */
export function registration({ metadata: { name, labels, annotations } }: Node) {
  const { 'node-role.kubernetes.io/control-plane': _, ...own } = nodeDraft(2).metadata.labels ?? {};
  return {
    labels: { ...own, 'kubernetes.io/hostname': name, ...labels },
    annotations: { [MANAGED_ATTACHMENTS]: 'true', ...annotations },
  };
}

/** What the machine has: as its manifest says, as every machine of a sandbox where it says nothing. */
export function registeredStatus({ status = {} }: Node, own: NonNullable<Node['status']>): NonNullable<Node['status']> {
  const capacity = { ...own.capacity, ...status.capacity };
  return { ...own, capacity, allocatable: { ...capacity, ...status.allocatable } };
}
