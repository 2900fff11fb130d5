import type { Script } from '../../exchange';
import { changes, made, removed, row, rules, selections, statuses, statusTries, tries, type Cases } from './family';
import { ATTACHMENT, ATTRIBUTES_CLASS, CSI_CAPACITY, CSI_DRIVER, CSI_NODE, STORAGE_CLASS } from './kind-paths';
import { ofSpec } from './pod-bases';

const ONE = '{ns}-one';
const topology = (...matchLabelExpressions: object[]) => ({ allowedTopologies: [{ matchLabelExpressions }] });
const CLASS_BASE = { provisioner: 'example.com/disk' };
const classes: Cases = {
  'no-provisioner': { provisioner: '' },
  provisioner: { provisioner: 'a b' },
  'provisioner-upper': { provisioner: 'Example.com/Disk' },
  policy: { reclaimPolicy: 'Recycle' },
  'policy-retain': { reclaimPolicy: 'Retain', allowVolumeExpansion: true, mountOptions: ['ro'] },
  binding: { volumeBindingMode: 'Odd' },
  'binding-wait': { volumeBindingMode: 'WaitForFirstConsumer' },
  'parameter-key': { parameters: { '': 'x' } },
  'topology-none': topology({ key: 'a b', values: [] }),
  'topology-twice': topology({ key: 'a', values: ['b', 'b'] }, { key: 'a', values: ['c'] }),
  'topology-same': {
    allowedTopologies: ['a', 'a'].map((key) => ({ matchLabelExpressions: [{ key, values: ['b'] }] })),
  },
  'topology-old': topology({ key: 'failure-domain.beta.kubernetes.io/zone', values: ['a'] }),
  name: { metadata: { name: 'A_B' } },
};

const ATTACHMENT_BASE = {
  spec: { attacher: 'example.com', nodeName: 'node-1', source: { persistentVolumeName: 'disk' } },
};
const attachments: Cases = ofSpec({
  'no-attacher': { attacher: '' },
  attacher: { attacher: 'Bad_Name' },
  'attacher-long': { attacher: 'x'.repeat(64) },
  'no-node': { nodeName: '' },
  node: { nodeName: 'A_B' },
  'no-source': { source: { persistentVolumeName: null } },
  'empty-source': { source: { persistentVolumeName: '' } },
  'source-name': { source: { persistentVolumeName: 'A_B' } },
  'both-sources': { source: { inlineVolumeSpec: { accessModes: ['ReadWriteOnce'] } } },
  'inline-right': {
    source: {
      persistentVolumeName: null,
      inlineVolumeSpec: { accessModes: ['ReadWriteOnce'], csi: { driver: 'a', volumeHandle: 'b' } },
    },
  },
  'inline-wrong': {
    source: {
      persistentVolumeName: null,
      inlineVolumeSpec: {
        capacity: { storage: '1Gi' },
        claimRef: { name: 'a' },
        storageClassName: 'a',
        hostPath: { path: '/a' },
        persistentVolumeReclaimPolicy: 'Delete',
        volumeMode: 'Block',
      },
    },
  },
});

const drivers: Cases = ofSpec({
  empty: {},
  period: { nodeAllocatableUpdatePeriodSeconds: 5 },
  'period-right': { nodeAllocatableUpdatePeriodSeconds: 60 },
  'group-policy': { fsGroupPolicy: 'Odd' },
  'group-policy-right': {
    fsGroupPolicy: 'File',
    podInfoOnMount: true,
    storageCapacity: true,
    requiresRepublish: true,
    seLinuxMount: true,
  },
  tokens: { tokenRequests: [{ audience: 'a', expirationSeconds: 5 }, { audience: 'a' }] },
  'tokens-long': { tokenRequests: [{ audience: 'a', expirationSeconds: 5_000_000_000 }] },
  'tokens-right': { tokenRequests: [{ audience: '', expirationSeconds: 3600 }] },
  'tokens-in-secrets': { serviceAccountTokenInSecrets: true },
  modes: { volumeLifecycleModes: ['Odd'] },
  'modes-right': { volumeLifecycleModes: ['Ephemeral', 'Persistent'] },
});

const nodeDriver = (fields: object) => ({ spec: { drivers: [{ name: 'example.com', nodeID: 'one', ...fields }] } });
const csiNodes: Cases = {
  'no-drivers': { spec: { drivers: [] } },
  'driver-none': nodeDriver({ name: '', nodeID: '' }),
  'driver-name': nodeDriver({ name: 'Bad_Name', nodeID: 'x'.repeat(257) }),
  'driver-count': nodeDriver({ allocatable: { count: -1 } }),
  'driver-keys': nodeDriver({ topologyKeys: ['', 'a b', 'zone', 'zone'] }),
  'drivers-twice': { spec: { drivers: ['a', 'a'].map((name) => ({ name, nodeID: 'one' })) } },
  'driver-right': nodeDriver({ topologyKeys: ['zone'], allocatable: { count: 10 } }),
};

const CAPACITY_BASE = { storageClassName: 'disk', capacity: '10Gi' };
const capacities: Cases = {
  'no-class': { storageClassName: '' },
  class: { storageClassName: 'A_B' },
  negative: { capacity: '-1' },
  word: { capacity: 'lots' },
  topology: { nodeTopology: { matchExpressions: [{ key: 'a', operator: 'Near' }] } },
  'topology-old': { nodeTopology: { matchLabels: { 'failure-domain.beta.kubernetes.io/zone': 'a' } } },
  'topology-right': { nodeTopology: { matchLabels: { zone: 'a' } }, maximumVolumeSize: '1Gi' },
};

const attributeClasses: Cases = {
  'no-driver': { driverName: '' },
  driver: { driverName: 'a b' },
  'no-parameters': { parameters: null },
  'parameter-key': { parameters: { iops: null, '': 'x' } },
};

export const storageScripts: readonly Script[] = [
  rules('storageclasses', STORAGE_CLASS, [
    ...tries(STORAGE_CLASS, CLASS_BASE, classes),
    made(STORAGE_CLASS, ONE, {
      ...CLASS_BASE,
      parameters: { a: 'b' },
      metadata: { annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
    }),
    ...changes(STORAGE_CLASS, ONE, {
      'provisioner-changed': { provisioner: 'example.com/other' },
      'parameters-changed': { parameters: { a: 'c' } },
      'policy-changed': { reclaimPolicy: 'Retain' },
      'binding-changed': { volumeBindingMode: 'WaitForFirstConsumer' },
      'all-changed': {
        provisioner: 'x',
        parameters: null,
        reclaimPolicy: 'Retain',
        volumeBindingMode: 'WaitForFirstConsumer',
      },
      'expansion-changed': { allowVolumeExpansion: true },
    }),
    row(STORAGE_CLASS, ONE, 'row'),
    ...selections(STORAGE_CLASS, 'metadata.name={ns}-one'),
    ...removed(STORAGE_CLASS, ONE),
  ]),
  rules('volumeattachments', ATTACHMENT, [
    ...tries(ATTACHMENT, ATTACHMENT_BASE, attachments),
    made(ATTACHMENT, ONE, ATTACHMENT_BASE),
    ...changes(
      ATTACHMENT,
      ONE,
      ofSpec({
        'node-changed': { nodeName: 'node-2' },
        'source-changed': { source: { persistentVolumeName: 'other' } },
      }),
    ),
    ...statusTries(ATTACHMENT, ONE, {
      'error-long': { attached: false, attachError: { message: 'x'.repeat(1025), errorCode: -1 } },
    }),
    ...statuses(ATTACHMENT, ONE, { attached: { attached: true, attachmentMetadata: { device: '/dev/sdb' } } }),
    row(ATTACHMENT, ONE, 'row'),
    ...selections(ATTACHMENT, 'metadata.name={ns}-one'),
    ...removed(ATTACHMENT, ONE),
  ]),
  rules('csidrivers', CSI_DRIVER, [
    ...tries(CSI_DRIVER, { spec: {} }, drivers),
    made(CSI_DRIVER, ONE, {
      spec: {
        tokenRequests: [{ audience: 'a' }, { audience: 'b' }],
        volumeLifecycleModes: ['Persistent', 'Ephemeral'],
      },
    }),
    ...changes(
      CSI_DRIVER,
      ONE,
      ofSpec({
        'attach-changed': { attachRequired: false },
        'modes-changed': { volumeLifecycleModes: ['Ephemeral'] },
        'info-changed': { podInfoOnMount: true },
        'tokens-changed': { tokenRequests: [{ audience: 'c' }] },
      }),
    ),
    row(CSI_DRIVER, ONE, 'row'),
    ...selections(CSI_DRIVER, 'metadata.name={ns}-one'),
    ...removed(CSI_DRIVER, ONE),
  ]),
  rules('csinodes', CSI_NODE, [
    ...tries(CSI_NODE, nodeDriver({}), csiNodes),
    made(CSI_NODE, ONE, nodeDriver({ topologyKeys: ['zone'] })),
    ...changes(CSI_NODE, ONE, {
      'id-changed': nodeDriver({ nodeID: 'two' }),
      'count-changed': nodeDriver({ topologyKeys: ['zone'], allocatable: { count: 5 } }),
      'drivers-gone': { spec: { drivers: [] } },
    }),
    row(CSI_NODE, ONE, 'row'),
    ...selections(CSI_NODE, 'metadata.name={ns}-one'),
    ...removed(CSI_NODE, ONE),
  ]),
  rules('csistoragecapacities', CSI_CAPACITY, [
    ...tries(CSI_CAPACITY, CAPACITY_BASE, capacities),
    made(CSI_CAPACITY, 'one', CAPACITY_BASE),
    ...changes(CSI_CAPACITY, 'one', {
      'class-changed': { storageClassName: 'other' },
      'topology-changed': { nodeTopology: { matchLabels: { a: 'b' } } },
      'capacity-changed': { capacity: '5Gi' },
    }),
    row(CSI_CAPACITY, 'one', 'row'),
    ...selections(CSI_CAPACITY, 'metadata.name=one'),
  ]),
  rules('volumeattributesclasses', ATTRIBUTES_CLASS, [
    ...tries(ATTRIBUTES_CLASS, { driverName: 'example.com', parameters: { iops: '100' } }, attributeClasses),
    made(ATTRIBUTES_CLASS, ONE, { driverName: 'example.com', parameters: { iops: '100' } }),
    ...changes(ATTRIBUTES_CLASS, ONE, {
      'driver-changed': { driverName: 'other.com' },
      'parameters-changed': { parameters: { iops: '200' } },
      'label-added': { metadata: { labels: { a: 'b' } } },
    }),
    row(ATTRIBUTES_CLASS, ONE, 'row'),
    ...selections(ATTRIBUTES_CLASS, 'metadata.name={ns}-one'),
    ...removed(ATTRIBUTES_CLASS, ONE),
  ]),
];
