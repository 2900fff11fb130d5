import { createHash } from 'node:crypto';
import type { Flow, FlowStep } from '../flow';
import { node } from '../nodes';
import { namespaceOf } from '../run-flow';
import { container, noted } from './manifests';

/** A driver that nobody has: what it would do, the flow does. */
const DRIVER = 'disk.flows.test';
const CLAIM = 'persistentvolumeclaims/data';

const storageClass: FlowStep = {
  create: {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name: '{ns}' },
    provisioner: DRIVER,
    allowVolumeExpansion: true,
  },
};

const volume = (accessModes: readonly string[]): FlowStep => ({
  create: {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name: '{ns}-disk' },
    spec: {
      capacity: { storage: '1Gi' },
      accessModes,
      storageClassName: '{ns}',
      persistentVolumeReclaimPolicy: 'Retain',
      csi: { driver: DRIVER, volumeHandle: '{ns}' },
    },
  },
});

const claim = (accessModes: readonly string[]): FlowStep[] => [
  {
    create: {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: 'data' },
      spec: { storageClassName: '{ns}', accessModes, resources: { requests: { storage: '1Gi' } } },
    },
  },
  { until: CLAIM, has: { 'status.phase': 'Bound' } },
];

const bound = (accessModes: readonly string[] = ['ReadWriteOnce']) => [
  storageClass,
  volume(accessModes),
  ...claim(accessModes),
];

const wanted = (storage: string): FlowStep => ({
  patch: CLAIM,
  with: { spec: { resources: { requests: { storage } } } },
});

const pod = (name: string, on: string): FlowStep => ({
  create: {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name },
    spec: {
      nodeName: `{ns}-${on}`,
      terminationGracePeriodSeconds: 1,
      containers: [container],
      volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }],
    },
  },
});

/** A node whose attachments the control plane manages. */
function managed(name: string): FlowStep[] {
  const plain = node(`{ns}-${name}`, {}, { unschedulable: true });
  const annotations = {
    ...(plain.metadata['annotations'] as object),
    'volumes.kubernetes.io/controller-managed-attach-detach': 'true',
  };
  return [
    { create: { ...plain, metadata: { ...plain.metadata, annotations } } },
    { until: `nodes/{ns}-${name}`, has: { 'status.conditions[Ready].status': 'True' } },
  ];
}

/** Flows in which volumes are attached: `attachment` names one, as the control plane does. */
function attaching(name: string, steps: (attachment: (on: string) => string) => readonly FlowStep[]): Flow {
  const flow = { name: `volumes/${name}`, steps: [] };
  const namespace = namespaceOf(flow);
  const nameOf = (on: string) => createHash('sha256').update(`${namespace}${DRIVER}${namespace}-${on}`).digest('hex');
  return {
    ...flow,
    steps: [...managed('a'), ...managed('b'), ...steps((on) => `volumeattachments/csi-${nameOf(on)}`)],
  };
}

const isAsked = (attachment: string, on: string): FlowStep => ({
  until: attachment,
  has: {
    'spec.attacher': DRIVER,
    'spec.nodeName': `{ns}-${on}`,
    'spec.source.persistentVolumeName': '{ns}-disk',
    'status.attached': false,
  },
});
const attached = (attachment: string): FlowStep => ({
  patch: attachment,
  with: { status: { attached: true } },
  subresource: 'status',
});
const shows = (on: string, name: string | undefined): FlowStep => ({
  until: `nodes/{ns}-${on}`,
  has: { 'status.volumesAttached[0].name': name, 'status.volumesAttached[1]': undefined },
});
const UNIQUE = `kubernetes.io/csi/${DRIVER}^{ns}`;

export const volumeFlows: readonly Flow[] = [
  {
    name: 'volumes/grown',
    steps: [
      ...bound(),
      wanted('2Gi'),
      ...noted('asked for'),
      { patch: 'persistentvolumes/{ns}-disk', with: { spec: { capacity: { storage: '2Gi' } } } },
      ...noted('the volume has it'),
      { patch: CLAIM, with: { status: { capacity: { storage: '2Gi' } } }, subresource: 'status' },
      ...noted('the claim has it'),
      wanted('3Gi'),
      ...noted('asked for more'),
    ],
  },
  attaching('attached', (of) => [
    ...bound(),
    pod('first', 'a'),
    isAsked(of('a'), 'a'),
    ...noted('asked for'),
    attached(of('a')),
    shows('a', UNIQUE),
    ...noted('attached'),
    pod('second', 'a'),
    ...noted('for both'),
    { removePod: 'first' },
    { pods: 'first', count: 0 },
    ...noted('for the other'),
    shows('a', UNIQUE),
    { removePod: 'second' },
    { gone: of('a') },
    shows('a', undefined),
    ...noted('detached'),
  ]),
  attaching('one-node-only', (of) => [
    ...bound(),
    pod('first', 'a'),
    isAsked(of('a'), 'a'),
    attached(of('a')),
    shows('a', UNIQUE),
    pod('second', 'b'),
    ...noted('not for two'),
    { removePod: 'first' },
    { gone: of('a') },
    isAsked(of('b'), 'b'),
    attached(of('b')),
    shows('b', UNIQUE),
    ...noted('for the other'),
  ]),
  attaching('many-nodes', (of) => [
    ...bound(['ReadWriteMany']),
    pod('first', 'a'),
    pod('second', 'b'),
    isAsked(of('a'), 'a'),
    isAsked(of('b'), 'b'),
    attached(of('a')),
    attached(of('b')),
    shows('a', UNIQUE),
    shows('b', UNIQUE),
    ...noted('both'),
  ]),
  attaching('in-use', (of) => [
    ...bound(),
    pod('first', 'a'),
    isAsked(of('a'), 'a'),
    attached(of('a')),
    shows('a', UNIQUE),
    { patch: 'nodes/{ns}-a', with: { status: { volumesInUse: [UNIQUE] } }, subresource: 'status' },
    { pass: 2 },
    { removePod: 'first' },
    { pods: 'first', count: 0 },
    pod('second', 'b'),
    ...noted('still in use'),
    shows('a', UNIQUE),
    { patch: 'nodes/{ns}-a', with: { status: { volumesInUse: null } }, subresource: 'status' },
    { gone: of('a') },
    isAsked(of('b'), 'b'),
    ...noted('let go'),
  ]),
  attaching('done', (of) => [
    ...bound(),
    pod('first', 'a'),
    isAsked(of('a'), 'a'),
    attached(of('a')),
    shows('a', UNIQUE),
    { pod: 'first', are: { 'status.phase': 'Running' }, status: { phase: 'Succeeded' } },
    { gone: of('a') },
    ...noted('its work is done'),
  ]),
];
