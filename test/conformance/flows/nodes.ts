import type { AnyObject } from '#common/kube/object';
import type { Resource, TypedResource } from '#common/kube/resource';
import { Nodes } from '#common/kube/resources';
import type { KubeClient } from '#main/client/client';
import type { Manifest } from './flow';

/** A node that has a kubelet from the start: kwok on the reference, the played one in the sandbox. */
export function node(name: string, labels: Readonly<Record<string, string>> = {}, spec: object = {}): Manifest {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      labels: { 'kubernetes.io/hostname': name, ...labels },
      annotations: { 'life.test/kubelet': 'on' },
    },
    spec,
  };
}

/** Nodes that every flow finds. */
export const sharedNodes = ['node-1', 'node-2', 'node-3'].map((name) => node(name));

export async function createSharedNodes(client: KubeClient): Promise<void> {
  const nodes: Resource = Nodes;
  for (const one of sharedNodes) await client.create(nodes as TypedResource<AnyObject>, one);
}
