import { CSINodes } from '#common/kube/resources';
import { isAlreadyExists, isNotFound } from '#common/kube/status-error';
import type { CSINode, Node } from '#common/kube/types';
import type { Draft, KubeClient } from '#main/client/client';
import systems from '#resources/system/storage-systems.json';

/** The plugins of old whose volumes CSI drivers serve in this release (setMigrationAnnotation). */
const MIGRATED = [
  'kubernetes.io/aws-ebs',
  'kubernetes.io/azure-disk',
  'kubernetes.io/azure-file',
  'kubernetes.io/cinder',
  'kubernetes.io/gce-pd',
  'kubernetes.io/portworx-volume',
  'kubernetes.io/vsphere-volume',
];

interface StorageSystem {
  driver: string;
  /** How many of its volumes one node can hold; as many as it likes when absent. */
  volumesPerNode?: number;
}

/** Says which storage systems have their driver on a node. What another node of the same name has left goes first. */
export async function keepCsiNode(node: Node, { client, signal }: { client: KubeClient; signal: AbortSignal }) {
  const draft = csiNodeDraft(node);
  const { name } = node.metadata;
  try {
    await client.create(CSINodes, draft, { signal });
  } catch (failure) {
    if (!isAlreadyExists(failure)) throw failure;
    const there = await client.get(CSINodes, { name }, { signal });
    if (there.metadata.ownerReferences?.some(({ uid }) => uid === node.metadata.uid)) return;
    await client.remove(CSINodes, { name }, { signal }).catch((gone: unknown) => {
      if (!isNotFound(gone)) throw gone;
    });
    await client.create(CSINodes, draft, { signal });
  }
}

export function csiNodeDraft({ metadata: { name, uid } }: Node): Draft<CSINode> {
  const drivers = (systems as StorageSystem[]).map(({ driver, volumesPerNode: count }) => ({
    name: driver,
    nodeID: name,
    ...(count === undefined ? {} : { allocatable: { count } }),
  }));
  return {
    metadata: {
      name,
      annotations: { 'storage.alpha.kubernetes.io/migrated-plugins': MIGRATED.join(',') },
      ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name, uid }],
    },
    spec: { drivers },
  };
}
