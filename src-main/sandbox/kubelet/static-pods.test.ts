import { describe, expect, it } from 'vitest';
import { isNotFound } from '#common/kube/status-error';
import { Nodes, Pods } from '#common/kube/resources';
import type { Pod } from '#common/kube/types';
import { openCluster, type Cluster } from '../cluster';

const ref = { name: 'etcd-node-1', namespace: 'kube-system' };
const isRunning = (pod: Pod | undefined): pod is Pod =>
  pod?.status?.containerStatuses?.[0]?.state?.running !== undefined;

/** The mirror of etcd once it runs and `accepts` takes it. */
async function mirror(cluster: Cluster, accepts: (pod: Pod) => boolean = () => true): Promise<Pod> {
  for (;;) {
    const pod = await cluster
      .client()
      .get(Pods, ref)
      .catch((failure: unknown) => (isNotFound(failure) ? undefined : Promise.reject(failure)));
    if (isRunning(pod) && accepts(pod)) return pod;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

describe('static Pods', () => {
  it('appear as mirrors that belong to their node', async () => {
    await using cluster = await openCluster({ name: 'static', scenario: 'kubeadm', nodes: 1, seed: 5 });
    const pod = await mirror(cluster);
    const node = await cluster.client().get(Nodes, { name: 'node-1' });
    const hash = pod.metadata.annotations?.['kubernetes.io/config.hash'];
    expect(hash).toMatch(/^[0-9a-f]{32}$/);
    expect(pod.metadata).toMatchObject({
      annotations: { 'kubernetes.io/config.mirror': hash, 'kubernetes.io/config.source': 'file' },
      ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name: 'node-1', uid: node.metadata.uid, controller: true }],
    });
    expect(pod.spec).toMatchObject({ nodeName: 'node-1', hostNetwork: true, priority: 2_000_001_000 });
    expect(node.spec.taints).toBeUndefined();
  });

  it('run on while a mirror is deleted, and are mirrored anew', async () => {
    await using cluster = await openCluster({ name: 'static', scenario: 'kubeadm', nodes: 1, seed: 5 });
    const before = await mirror(cluster);
    await cluster.client().remove(Pods, ref);
    const after = await mirror(cluster, ({ metadata }) => metadata.uid !== before.metadata.uid);
    const idOf = ({ status }: Pod) => status?.containerStatuses?.[0]?.containerID;
    expect(idOf(after)).toBe(idOf(before));
    const door = cluster.plane.directory('node-1');
    const query = { container: 'etcd', follow: false, previous: false, timestamps: false };
    const { uid } = after.metadata;
    const log = await door!.logs({ ...ref, uid }, query, AbortSignal.timeout(5000));
    const parts: Uint8Array[] = [];
    for await (const part of log) parts.push(part);
    expect(Buffer.concat(parts).toString()).toContain('etcd');
  });

  it('keep the node to themselves where there are others', async () => {
    await using cluster = await openCluster({ name: 'static', scenario: 'kubeadm', nodes: 2, seed: 5 });
    await cluster.ready();
    const { items } = await cluster.client().list(Nodes);
    expect(items.map(({ spec }) => spec.taints)).toEqual([
      [{ key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' }],
      undefined,
    ]);
  });
});
