import type { Script } from '../../exchange';
import {
  changes,
  got,
  made,
  printed,
  removed,
  rules,
  selections,
  statuses,
  statusTries,
  tries,
  type Cases,
} from './family';
import { CLAIM, VOLUME } from './kind-paths';
import { ofSpec } from './pod-bases';

const ONE = '{ns}-one';
const VOLUME_BASE = {
  spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], hostPath: { path: '/data' } },
};
const instead = (source: object) => ({ hostPath: null, ...source });
const nodes = (...nodeSelectorTerms: object[]) => ({ nodeAffinity: { required: { nodeSelectorTerms } } });
const ON_NODE = nodes({ matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: ['node-1'] }] });

const volumes: Cases = ofSpec({
  'no-modes': { accessModes: [] },
  modes: { accessModes: ['Sometimes'] },
  'once-pod-and-more': { accessModes: ['ReadWriteOncePod', 'ReadOnlyMany'] },
  'no-capacity': { capacity: null },
  'other-capacity': { capacity: { storage: null, cpu: '1' } },
  'zero-capacity': { capacity: { storage: '0' } },
  'negative-capacity': { capacity: { storage: '-1' } },
  'no-source': { hostPath: null },
  'two-sources': { nfs: { server: 'a', path: '/b' } },
  policy: { persistentVolumeReclaimPolicy: 'Burn' },
  recycle: { persistentVolumeReclaimPolicy: 'Recycle' },
  'recycle-root': { persistentVolumeReclaimPolicy: 'Recycle', hostPath: { path: '/' } },
  class: { storageClassName: 'A_B' },
  mode: { volumeMode: 'Odd' },
  block: { volumeMode: 'Block' },
  'attributes-class': { volumeAttributesClassName: '' },
  'attributes-class-no-csi': { volumeAttributesClassName: 'fast' },
  'mount-options': { mountOptions: ['ro', 'soft'] },
  local: instead({ local: { path: '/mnt' } }),
  'local-placed': { ...instead({ local: { path: '/mnt' } }), ...ON_NODE },
  'local-wrong': { ...instead({ local: { path: '' } }), ...nodes() },
  'affinity-none': { nodeAffinity: {} },
  'affinity-wrong': nodes({ matchExpressions: [{ key: 'a b', operator: 'Near' }] }),
  'affinity-old-label': nodes({
    matchExpressions: [{ key: 'failure-domain.beta.kubernetes.io/zone', operator: 'Exists' }],
  }),
  csi: instead({
    csi: {
      driver: 'csi.example.com',
      volumeHandle: 'one',
      fsType: 'ext4',
      controllerExpandSecretRef: { name: 'a', namespace: 'b' },
    },
  }),
  'csi-wrong': instead({
    csi: { driver: 'Bad_Driver', volumeHandle: '', nodePublishSecretRef: { name: 'A_B', namespace: '' } },
  }),
  nfs: instead({ nfs: { server: 'nfs.example.com', path: '/share', readOnly: true } }),
  iscsi: instead({ iscsi: { targetPortal: '10.0.0.1', iqn: 'iqn.2001-04.com.example:disk', lun: 1 } }),
  'iscsi-wrong': instead({
    iscsi: { targetPortal: '', iqn: 'odd', lun: 300, chapAuthSession: true, initiatorName: 'x' },
  }),
  fc: instead({ fc: { wwids: ['a'] } }),
  gce: instead({ gcePersistentDisk: { pdName: 'disk' } }),
  aws: instead({ awsElasticBlockStore: { volumeID: 'vol' } }),
  cinder: instead({ cinder: { volumeID: 'one', secretRef: { name: 'a', namespace: '' } } }),
  'azure-file': instead({ azureFile: { secretName: '', shareName: '', secretNamespace: '' } }),
  'azure-disk': instead({ azureDisk: { diskName: 'a', diskURI: '/subscriptions/x', kind: 'Managed' } }),
  flex: instead({ flexVolume: { driver: 'example.com/x', secretRef: { name: 'a', namespace: 'b' } } }),
  glusterfs: instead({ glusterfs: { endpoints: 'a', path: 'b', endpointsNamespace: '' } }),
  rbd: instead({ rbd: { monitors: ['a'], image: 'b' } }),
  cephfs: instead({ cephfs: { monitors: ['a'] } }),
  'scale-io': instead({ scaleIO: { gateway: 'a', system: 'b', secretRef: { name: 'c' }, volumeName: 'd' } }),
  'storage-os': instead({ storageos: { volumeName: 'A_B', secretRef: { name: '', namespace: '' } } }),
  flocker: instead({ flocker: { datasetUUID: 'a' } }),
  photon: instead({ photonPersistentDisk: { pdID: 'a' } }),
  portworx: instead({ portworxVolume: { volumeID: 'a' } }),
  quobyte: instead({ quobyte: { registry: 'a:1', volume: 'b' } }),
  vsphere: instead({ vsphereVolume: { volumePath: 'a' } }),
  'host-path-back': { hostPath: { path: '/a/../b' } },
  'claim-ref': { claimRef: { namespace: 'default', name: 'data' } },
});

const CLAIM_BASE = { spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } };
const claims: Cases = {
  ...ofSpec({
    'no-modes': { accessModes: [] },
    modes: { accessModes: ['Sometimes', 'ReadOnlyMany'] },
    'once-pod-and-more': { accessModes: ['ReadWriteOncePod', 'ReadWriteOnce'] },
    'no-request': { resources: { requests: { storage: null } } },
    'zero-request': { resources: { requests: { storage: '0' } } },
    'negative-request': { resources: { requests: { storage: '-1Gi' } } },
    'fraction-request': { resources: { requests: { storage: '1500m' } } },
    class: { storageClassName: 'A_B' },
    'no-class': { storageClassName: '' },
    mode: { volumeMode: 'Odd' },
    block: { volumeMode: 'Block', accessModes: ['ReadWriteMany'] },
    selector: { selector: { matchExpressions: [{ key: 'a', operator: 'Near' }] } },
    'source-none': { dataSource: { kind: '', name: '' } },
    'source-kind': { dataSource: { kind: 'Pod', name: 'a' } },
    'source-claim': { dataSource: { kind: 'PersistentVolumeClaim', name: 'a' } },
    'source-snapshot': { dataSource: { apiGroup: 'snapshot.storage.k8s.io', kind: 'VolumeSnapshot', name: 'a' } },
    'source-ref': { dataSourceRef: { apiGroup: 'example.com', kind: 'Backup', name: 'a' } },
    'source-ref-group': { dataSourceRef: { apiGroup: 'A_B', kind: 'Backup', name: 'a' } },
    'source-ref-namespace': {
      dataSourceRef: { apiGroup: 'example.com', kind: 'Backup', name: 'a', namespace: 'other' },
    },
    'sources-differ': {
      dataSource: { kind: 'PersistentVolumeClaim', name: 'a' },
      dataSourceRef: { kind: 'PersistentVolumeClaim', name: 'b' },
    },
    'attributes-class': { volumeAttributesClassName: 'A_B' },
    'status-ignored': {},
  }),
  'class-annotation': { metadata: { annotations: { 'volume.beta.kubernetes.io/storage-class': 'old' } } },
  name: { metadata: { name: 'A_B' } },
};

export const volumeScripts: readonly Script[] = [
  rules('persistentvolumes', VOLUME, [
    ...tries(VOLUME, VOLUME_BASE, volumes),
    made(VOLUME, ONE, VOLUME_BASE),
    ...changes(
      VOLUME,
      ONE,
      ofSpec({
        'path-changed': { hostPath: { path: '/other' } },
        'mode-changed': { volumeMode: 'Block' },
        'capacity-grown': { capacity: { storage: '2Gi' } },
        'policy-changed': { persistentVolumeReclaimPolicy: 'Delete' },
        'affinity-added': ON_NODE,
        claimed: { claimRef: { namespace: 'a', name: 'b' } },
      }),
    ),
    ...printed(VOLUME, ONE, {
      available: { phase: 'Available' },
      bound: { phase: 'Bound' },
      released: { phase: 'Released' },
      failed: { phase: 'Failed', reason: 'Tried', message: 'words' },
    }),
    got(VOLUME, ONE, 'after-phases'),
    ...selections(VOLUME, 'metadata.name={ns}-one', 'name={ns}-one', 'metadata.name={ns}-one,spec.storageClassName='),
    ...removed(VOLUME, ONE),
    made(VOLUME, '{ns}-csi', {
      metadata: { annotations: { 'volume.beta.kubernetes.io/mount-options': 'ro' } },
      spec: {
        capacity: { storage: '5Gi' },
        accessModes: ['ReadWriteOnce', 'ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOncePod'].slice(0, 3),
        csi: { driver: 'csi.example.com', volumeHandle: 'one' },
        storageClassName: 'gold',
        claimRef: { namespace: 'a', name: 'b' },
        volumeMode: 'Block',
        volumeAttributesClassName: 'fast',
      },
    }),
    ...changes(
      VOLUME,
      '{ns}-csi',
      ofSpec({
        'expand-secret': { csi: { controllerExpandSecretRef: { name: 'a', namespace: 'b' } } },
        'attributes-changed': { volumeAttributesClassName: 'slow' },
        'attributes-gone': { volumeAttributesClassName: null },
      }),
    ),
    ...printed(VOLUME, '{ns}-csi', { 'csi-bound': { phase: 'Bound' } }),
    ...removed(VOLUME, '{ns}-csi'),
  ]),
  rules('persistentvolumeclaims', CLAIM, [
    ...tries(CLAIM, CLAIM_BASE, claims),
    made(CLAIM, 'data', CLAIM_BASE),
    ...changes(CLAIM, 'data', {
      ...ofSpec({
        'modes-changed': { accessModes: ['ReadWriteMany'] },
        'request-grown': { resources: { requests: { storage: '2Gi' } } },
        'class-set': { storageClassName: 'gold' },
        'mode-changed': { volumeMode: 'Block' },
        bound: { volumeName: 'disk' },
      }),
      'annotation-added': { metadata: { annotations: { 'volume.beta.kubernetes.io/storage-class': 'x' } } },
    }),
    ...statusTries(CLAIM, 'data', {
      'capacity-negative': { capacity: { storage: '-1' } },
      'resize-word': { allocatedResourceStatuses: { storage: 'Odd' } },
      'allocated-other': { allocatedResources: { cpu: '1' } },
    }),
    ...printed(CLAIM, 'data', {
      pending: { phase: 'Pending' },
      bound: { phase: 'Bound', accessModes: ['ReadWriteOnce'], capacity: { storage: '1Gi' } },
      lost: { phase: 'Lost' },
    }),
    ...statuses(CLAIM, 'data', {
      'bound-again': { phase: 'Bound', capacity: { storage: '1Gi' }, currentVolumeAttributesClassName: 'fast' },
    }),
    ...changes(
      CLAIM,
      'data',
      ofSpec({
        'bound-grown': { resources: { requests: { storage: '3Gi' } } },
        'bound-shrunk': { resources: { requests: { storage: '512Mi' } } },
        'bound-modes': { accessModes: ['ReadOnlyMany'] },
        'attributes-set': { volumeAttributesClassName: 'slow' },
        'attributes-empty': { volumeAttributesClassName: '' },
      }),
    ),
    ...selections(CLAIM, 'metadata.name=data', 'name=data', 'spec.volumeName=x'),
  ]),
];
