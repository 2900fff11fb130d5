import type { Script } from '../../exchange';
import { rules, tries, type Cases } from './family';
import { POD } from './kind-paths';
import { CONTAINER, POD_BASE, ofVolume } from './pod-bases';

const CLAIM_TEMPLATE = {
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
};
const projected = (...sources: object[]) => ({ projected: { sources } });

/** Every source once as it may be, for its defaults. */
const rightSources: Cases = {
  'empty-dir': { emptyDir: {} },
  'empty-dir-memory': { emptyDir: { medium: 'Memory', sizeLimit: '0.5Gi' } },
  'host-path': { hostPath: { path: '/var' } },
  'host-path-type': { hostPath: { path: '/var', type: 'DirectoryOrCreate' } },
  'git-repo': { gitRepo: { repository: 'https://example.com/repo.git', revision: 'main', directory: 'code' } },
  gce: { gcePersistentDisk: { pdName: 'disk', partition: 3 } },
  aws: { awsElasticBlockStore: { volumeID: 'vol-1', fsType: 'xfs' } },
  secret: { secret: { secretName: 'keys', items: [{ key: 'a', path: 'b' }], optional: true } },
  nfs: { nfs: { server: 'nfs.example.com', path: '/share' } },
  iscsi: { iscsi: { targetPortal: '10.0.0.1:3260', iqn: 'iqn.2001-04.com.example:storage.disk1', lun: 0 } },
  glusterfs: { glusterfs: { endpoints: 'gluster', path: 'share' } },
  claim: { persistentVolumeClaim: { claimName: 'data', readOnly: true } },
  rbd: { rbd: { monitors: ['10.0.0.1:6789'], image: 'disk' } },
  cinder: { cinder: { volumeID: 'one' } },
  cephfs: { cephfs: { monitors: ['10.0.0.1:6789'] } },
  flocker: { flocker: { datasetName: 'set' } },
  'downward-api': {
    downwardAPI: {
      items: [
        { path: 'labels', fieldRef: { fieldPath: 'metadata.labels' } },
        { path: 'cpu', resourceFieldRef: { containerName: 'main', resource: 'limits.cpu' } },
      ],
    },
  },
  fc: { fc: { targetWWNs: ['500a0982991b8dc5'], lun: 2 } },
  flex: { flexVolume: { driver: 'example.com/cifs', options: { share: 'one' } } },
  'config-map': { configMap: { name: 'settings', defaultMode: 0o400 } },
  'azure-file': { azureFile: { secretName: 'azure', shareName: 'share' } },
  vsphere: { vsphereVolume: { volumePath: '[store] disk' } },
  quobyte: { quobyte: { registry: 'registry:6789', volume: 'one' } },
  'azure-disk': { azureDisk: { diskName: 'one', diskURI: 'https://account.blob.core.windows.net/c/one.vhd' } },
  photon: { photonPersistentDisk: { pdID: 'one' } },
  portworx: { portworxVolume: { volumeID: 'one' } },
  'scale-io': {
    scaleIO: { gateway: 'https://10.0.0.1/api', system: 'one', secretRef: { name: 'sio' }, volumeName: 'v' },
  },
  'storage-os': { storageos: { volumeName: 'one' } },
  csi: { csi: { driver: 'csi.example.com', volumeAttributes: { size: '1' } } },
  ephemeral: { ephemeral: { volumeClaimTemplate: CLAIM_TEMPLATE } },
  image: { image: { reference: 'quay.io/example/artifact:v2' } },
  'projected-all': projected(
    { secret: { name: 'keys', items: [{ key: 'a', path: 's/a' }] } },
    { configMap: { name: 'settings' } },
    { downwardAPI: { items: [{ path: 'name', fieldRef: { fieldPath: 'metadata.name' } }] } },
    { serviceAccountToken: { path: 'token', audience: 'vault' } },
  ),
};

const wrongSources: Cases = {
  'no-source': {},
  'two-sources': { emptyDir: {}, hostPath: { path: '/' } },
  'three-sources': { secret: { secretName: 'a' }, configMap: { name: 'b' }, nfs: { server: 'c', path: '/d' } },
  'empty-dir-negative': { emptyDir: { sizeLimit: '-1' } },
  'host-path-none': { hostPath: { path: '' } },
  'host-path-back': { hostPath: { path: '/a/../b', type: 'Sideways' } },
  'git-repo-wrong': { gitRepo: { repository: '', directory: '/abs' } },
  'git-repo-back': { gitRepo: { repository: 'x', directory: 'a/../b' } },
  'gce-wrong': { gcePersistentDisk: { pdName: '', partition: 256 } },
  'aws-wrong': { awsElasticBlockStore: { volumeID: '', partition: -1 } },
  'secret-wrong': { secret: { secretName: '', defaultMode: 512, items: [{ key: '', path: '' }] } },
  'secret-mode': { secret: { secretName: 'a', items: [{ key: 'k', path: '/abs', mode: 777 }] } },
  'secret-back': {
    secret: {
      secretName: 'a',
      items: [
        { key: 'k', path: '../up' },
        { key: 'k', path: '..up' },
      ],
    },
  },
  'config-map-wrong': { configMap: { name: '', defaultMode: -1 } },
  'nfs-wrong': { nfs: { server: '', path: 'relative' } },
  'nfs-none': { nfs: { server: '', path: '' } },
  'iscsi-wrong': { iscsi: { targetPortal: '', iqn: '', lun: 256, chapAuthDiscovery: true } },
  'iscsi-name': { iscsi: { targetPortal: 'p', iqn: 'wrong', lun: -1, initiatorName: 'also-wrong' } },
  'iscsi-format': { iscsi: { targetPortal: 'p', iqn: 'iqn.wrong', lun: 0, initiatorName: 'eui.short' } },
  'glusterfs-wrong': { glusterfs: { endpoints: '', path: '' } },
  'claim-wrong': { persistentVolumeClaim: { claimName: '' } },
  'rbd-wrong': { rbd: { monitors: [], image: '' } },
  'cinder-wrong': { cinder: { volumeID: '', secretRef: { name: '' } } },
  'cephfs-wrong': { cephfs: { monitors: [] } },
  'flocker-none': { flocker: {} },
  'flocker-both': { flocker: { datasetName: 'a/b', datasetUUID: 'c' } },
  'downward-wrong': { downwardAPI: { defaultMode: 1000, items: [{ path: '' }] } },
  'downward-both': {
    downwardAPI: {
      items: [
        {
          path: 'a',
          mode: 1000,
          fieldRef: { fieldPath: 'spec.nodeName' },
          resourceFieldRef: { containerName: 'main', resource: 'limits.cpu' },
        },
      ],
    },
  },
  'downward-resource': {
    downwardAPI: { items: [{ path: 'a', resourceFieldRef: { resource: 'limits.cpu', divisor: '3m' } }] },
  },
  'fc-none': { fc: {} },
  'fc-both': { fc: { targetWWNs: ['a'], wwids: ['b'] } },
  'fc-lun': { fc: { targetWWNs: ['a'], lun: 300 } },
  'flex-wrong': { flexVolume: { driver: '', options: { 'x.kubernetes.io/y': 'z' } } },
  'azure-file-wrong': { azureFile: { secretName: '', shareName: '' } },
  'vsphere-wrong': { vsphereVolume: { volumePath: '' } },
  'quobyte-wrong': { quobyte: { registry: 'noport', volume: '' } },
  'quobyte-none': { quobyte: { registry: '', volume: 'a' } },
  'azure-disk-wrong': { azureDisk: { diskName: '', diskURI: '', cachingMode: 'Fast', kind: 'Sort' } },
  'azure-disk-managed': { azureDisk: { diskName: 'a', diskURI: 'https://x', kind: 'Managed' } },
  'photon-wrong': { photonPersistentDisk: { pdID: '' } },
  'portworx-wrong': { portworxVolume: { volumeID: '' } },
  'scale-io-wrong': { scaleIO: { gateway: '', system: '', secretRef: { name: 'a' }, volumeName: '' } },
  'storage-os-wrong': { storageos: { volumeName: '', volumeNamespace: 'A_B', secretRef: { name: '' } } },
  'csi-wrong': { csi: { driver: 'Bad_Driver', nodePublishSecretRef: { name: '' } } },
  'csi-none': { csi: { driver: '' } },
  'csi-long': { csi: { driver: 'x'.repeat(64) } },
  'ephemeral-none': { ephemeral: {} },
  'ephemeral-wrong': {
    ephemeral: {
      volumeClaimTemplate: { metadata: { name: 'x' }, spec: { resources: { requests: { storage: '-1' } } } },
    },
  },
  'image-wrong': { image: { reference: '', pullPolicy: 'Sometimes' } },
  'projected-mode': { projected: { defaultMode: 999, sources: [] } },
  'projected-two': projected({ secret: { name: '' }, configMap: { name: '' } }),
  'projected-empty-source': projected({}),
  'projected-same-path': projected(
    { secret: { name: 'a', items: [{ key: 'k', path: 'p' }] } },
    { configMap: { name: 'b', items: [{ key: 'k', path: 'p' }] } },
  ),
  'projected-token-short': projected({ serviceAccountToken: { path: '', expirationSeconds: 60 } }),
  'projected-token-long': projected({ serviceAccountToken: { path: '../up', expirationSeconds: 5_000_000_000 } }),
};

const mounts = (volumeMounts: object[], volumes: object[] = [{ name: 'data', emptyDir: {} }]) => ({
  spec: { volumes, containers: [{ ...CONTAINER, volumeMounts }] },
});
const devices = (volumeDevices: object[], volumeMounts: object[] = []) => ({
  spec: {
    volumes: [
      { name: 'data', persistentVolumeClaim: { claimName: 'a' } },
      { name: 'dir', emptyDir: {} },
    ],
    containers: [{ ...CONTAINER, volumeDevices, volumeMounts }],
  },
});

const mounting: Cases = {
  'mount-unknown': mounts([{ name: 'other', mountPath: '/a' }]),
  'mount-empty': mounts([{ name: '', mountPath: '' }]),
  'mount-twice': mounts([
    { name: 'data', mountPath: '/a' },
    { name: 'data', mountPath: '/a' },
  ]),
  'mount-sub-path': mounts([{ name: 'data', mountPath: '/a', subPath: '/abs', subPathExpr: 'b' }]),
  'mount-sub-path-expr': mounts([{ name: 'data', mountPath: '/a', subPathExpr: '../b' }]),
  'mount-propagation': mounts([{ name: 'data', mountPath: '/a', mountPropagation: 'Both' }]),
  'mount-bidirectional': mounts([{ name: 'data', mountPath: '/a', mountPropagation: 'Bidirectional' }]),
  'mount-recursive': mounts([{ name: 'data', mountPath: '/a', recursiveReadOnly: 'Enabled' }]),
  'mount-recursive-word': mounts([{ name: 'data', mountPath: '/a', readOnly: true, recursiveReadOnly: 'Maybe' }]),
  'mount-of-wrong-volume': mounts([{ name: 'data', mountPath: '/a' }], [{ name: 'data' }]),
  'mount-right': mounts([{ name: 'data', mountPath: '/a', readOnly: true, recursiveReadOnly: 'IfPossible' }]),
  'volumes-twice': mounts(
    [],
    [
      { name: 'a', emptyDir: {} },
      { name: 'a', emptyDir: {} },
    ],
  ),
  'volume-names': mounts(
    [],
    [
      { name: '', emptyDir: {} },
      { name: 'Not_A_Label', emptyDir: {} },
      { name: 'a.b', emptyDir: {} },
    ],
  ),
  'device-right': devices([{ name: 'data', devicePath: '/dev/sda' }]),
  'device-wrong': devices([{ name: '', devicePath: '' }]),
  'device-of-dir': devices([{ name: 'dir', devicePath: '/dev/../x' }]),
  'device-twice': devices([
    { name: 'data', devicePath: '/dev/a' },
    { name: 'data', devicePath: '/dev/a' },
  ]),
  'device-and-mount': devices([{ name: 'data', devicePath: '/a' }], [{ name: 'data', mountPath: '/a' }]),
  'items-overlap': {
    spec: {
      volumes: [
        {
          name: 'data',
          configMap: {
            name: 'settings',
            items: [
              { key: 'a', path: 'conf' },
              { key: 'b', path: 'conf/sub' },
            ],
          },
        },
      ],
    },
  },
};

export const podVolumeScripts: readonly Script[] = [
  rules('pod-volume-sources', POD, tries(POD, POD_BASE, ofVolume(rightSources))),
  rules('pod-volume-refusals', POD, tries(POD, POD_BASE, ofVolume(wrongSources))),
  rules('pod-mounts', POD, tries(POD, POD_BASE, mounting)),
];
