/** The storage systems of a sandbox: what stands behind the provisioner names that StorageClasses give. */
import type { PersistentVolumeClaim, PersistentVolumeSpec } from '#common/kube/types';

/** What a provisioner knows when it makes a volume. */
export interface VolumeRequest {
  claim: PersistentVolumeClaim;
  /** The name of the volume to be. */
  name: string;
  /** The node the scheduler chose, where binding waited for one. */
  node: string | undefined;
}

export interface StorageDriver {
  /** As StorageClasses name it. */
  readonly provisioner: string;
  /** Access modes it offers; a claim that asks for another one fails. */
  readonly accessModes: readonly string[];
  /** Said of a claim that asks for another access mode. */
  readonly modesRefusal: string;
  /** Volumes can be used on one node only: nothing is made before the scheduler has chosen it. */
  readonly needsNode?: boolean;
  /** Volumes must be attached to a node before they are mounted. */
  readonly attaches?: boolean;
  /** Volumes can grow while they are in use. */
  readonly expands?: boolean;
  /** Why it makes no volume of so many bytes, as its driver answers; nothing when it does. */
  sizeRefusal?(bytes: number): string | undefined;
  /** The provisioner keeps its volumes with a finalizer of its own until they are deleted behind them. */
  readonly holdsVolumes?: boolean;
  source(request: VolumeRequest): Partial<PersistentVolumeSpec>;
  annotations?(request: VolumeRequest): Record<string, string>;
}

/** --max-volume-size of csi-driver-host-path: 1 TiB. */
const LARGEST_HOST_PATH = 2 ** 40;
const EVERY_MODE = ['ReadWriteOnce', 'ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOncePod'];

/** One folder of the machine: what minikube's `standard` class is made of. */
const hostPath: StorageDriver = {
  provisioner: 'k8s.io/minikube-hostpath',
  accessModes: EVERY_MODE,
  modesRefusal: '',
  source: ({ claim: { metadata } }) => ({
    hostPath: { path: `/tmp/hostpath-provisioner/${metadata.namespace}/${metadata.name}`, type: '' },
  }),
  annotations: ({ claim }) => ({ hostPathProvisionerIdentity: claim.metadata.uid }),
};

/** A folder of the node the first Pod runs on, and of no other. */
const localPath: StorageDriver = {
  provisioner: 'rancher.io/local-path',
  accessModes: ['ReadWriteOnce', 'ReadWriteOncePod'],
  modesRefusal: 'NodePath only supports ReadWriteOnce and ReadWriteOncePod (1.22+) access modes',
  needsNode: true,
  source: ({ claim: { metadata }, name, node = '' }) => ({
    hostPath: {
      path: `/opt/local-path-provisioner/${name}_${metadata.namespace}_${metadata.name}`,
      type: 'DirectoryOrCreate',
    },
    nodeAffinity: {
      required: {
        nodeSelectorTerms: [{ matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: [node] }] }],
      },
    },
  }),
  annotations: ({ node = '' }) => ({ 'local.path.provisioner/selected-node': node }),
};

/** Block devices over the network: at home on every node, attached to one at a time, growing. */
const cephBlock = blockDriver('rbd.csi.ceph.com', ({ claim }) => ({
  clusterID: 'sandbox',
  imageFeatures: 'layering',
  imageName: `csi-vol-${claim.metadata.uid}`,
  journalPool: 'replicapool',
  pool: 'replicapool',
}));

/** Folders that pretend to be devices: the example driver of the CSI project, with the limit that it comes with. */
const csiHostPath: StorageDriver = {
  ...blockDriver('hostpath.csi.k8s.io', () => ({})),
  sizeRefusal: (bytes) =>
    bytes > LARGEST_HOST_PATH
      ? `rpc error: code = OutOfRange desc = Requested capacity ${bytes} exceeds maximum allowed ${LARGEST_HOST_PATH}`
      : undefined,
};

export const storageDrivers: readonly StorageDriver[] = [hostPath, localPath, cephBlock, csiHostPath];

function blockDriver(
  provisioner: string,
  attributes: (request: VolumeRequest) => Record<string, string>,
): StorageDriver {
  return {
    provisioner,
    accessModes: EVERY_MODE,
    modesRefusal: '',
    attaches: true,
    expands: true,
    holdsVolumes: true,
    source: (request) => ({
      csi: {
        driver: provisioner,
        fsType: 'ext4',
        volumeHandle: `sandbox-${request.claim.metadata.uid}`,
        volumeAttributes: {
          ...attributes(request),
          'storage.kubernetes.io/csiProvisionerIdentity': `sandbox-${provisioner}`,
        },
      },
    }),
    annotations: () => ({
      'volume.kubernetes.io/provisioner-deletion-secret-name': '',
      'volume.kubernetes.io/provisioner-deletion-secret-namespace': '',
    }),
  };
}
