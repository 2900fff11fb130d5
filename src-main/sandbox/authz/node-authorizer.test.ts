import { describe, expect, it } from 'vitest';
import type { KubeObject } from '#common/kube/object';
import type { TypedResource } from '#common/kube/resource';
import type { AccessAttributes } from './attributes';
import { nodeVerdict } from './node-authorizer';

const pod = (name: string, nodeName: string, spec: object = {}, annotations: object = {}) => ({
  kind: 'Pod',
  metadata: { name, namespace: 'shop', annotations },
  spec: { nodeName, serviceAccountName: `${name}-account`, containers: [], ...spec },
});
const objects: object[] = [
  { kind: 'Node', metadata: { name: 'one' } },
  pod('web', 'one', {
    imagePullSecrets: [{ name: 'registry' }],
    containers: [{ name: 'a', env: [{ name: 'A', valueFrom: { secretKeyRef: { name: 'password', key: 'p' } } }] }],
    volumes: [
      { name: 'c', configMap: { name: 'settings' } },
      { name: 'd', persistentVolumeClaim: { claimName: 'data' } },
      { name: 'scratch', ephemeral: {} },
    ],
  }),
  pod(
    'mirror',
    'one',
    { volumes: [{ name: 's', secret: { secretName: 'stolen' } }] },
    { 'kubernetes.io/config.mirror': 'x' },
  ),
  pod('other', 'two', { volumes: [{ name: 's', secret: { secretName: 'elsewhere' } }] }),
  {
    kind: 'PersistentVolume',
    metadata: { name: 'pv' },
    spec: {
      claimRef: { namespace: 'shop', name: 'data' },
      csi: { nodeStageSecretRef: { name: 'stage', namespace: 'csi' } },
    },
  },
  { kind: 'VolumeAttachment', metadata: { name: 'va' }, spec: { nodeName: 'one' } },
];
const of = (kind: string) => objects.filter((one) => (one as KubeObject).kind === kind) as KubeObject[];
const source = {
  get: <T extends KubeObject>({ kind }: TypedResource<T>, key: string) =>
    of(kind).find(
      ({ metadata }) => (metadata.namespace ? `${metadata.namespace}/${metadata.name}` : metadata.name) === key,
    ) as T | undefined,
  list: <T extends KubeObject>({ kind }: TypedResource<T>, namespace?: string) =>
    of(kind).filter(({ metadata }) => !namespace || metadata.namespace === namespace) as T[],
};

const NONE = "no relationship found between node 'one' and this object";
const asked = (words: string, more: Partial<AccessAttributes> = {}): AccessAttributes => {
  const [verb = '', what = '', name = ''] = words.split(' ');
  const [resource = '', subresource = ''] = what.split('/');
  return {
    user: { name: 'system:node:one', groups: ['system:nodes'] },
    verb,
    group: '',
    resource,
    subresource,
    name,
    namespace: 'shop',
    ...more,
  };
};
const rules = [{ verbs: ['get', 'list', 'watch'], apiGroups: [''], resources: ['services'] }];

describe('nodeVerdict', () => {
  it.each([
    ['get secrets password', true, ''],
    ['get secrets registry', true, ''],
    ['watch configmaps settings', true, ''],
    ['get secrets elsewhere', false, NONE],
    ['get secrets stolen', false, NONE],
    ['get secrets', false, 'No Object name found'],
    ['create secrets password', false, 'can only read resources of this type'],
    ['get persistentvolumeclaims data', true, ''],
    ['get persistentvolumeclaims web-scratch', true, ''],
    ['list persistentvolumeclaims data', false, 'can only get individual resources of this type'],
    ['patch persistentvolumeclaims/status data', true, ''],
    ['create serviceaccounts/token web-account', true, ''],
    ['create serviceaccounts/token other-account', false, NONE],
    ['get pods web', true, ''],
    ['get pods other', false, NONE],
    ['list pods', false, 'can only list/watch pods with spec.nodeName field selector'],
    ['get nodes one', true, ''],
    ['get nodes two', false, "node 'one' cannot read 'two', only its own Node object"],
    ['list nodes', false, "node 'one' cannot read all nodes, only its own Node object"],
    ['list services', true, ''],
    ['delete services x', false, ''],
  ])('%s', (words, allowed, reason) => {
    expect(nodeVerdict(asked(words), source, rules)).toEqual({ allowed, reason });
  });

  it.each([
    ['a selector for its Pods', asked('list pods', { fields: { 'spec.nodeName': 'one' } }), true],
    ['its volume', asked('get persistentvolumes pv', { namespace: '' }), true],
    ['the secret of its volume', asked('get secrets stage', { namespace: 'csi' }), true],
    ['its attachment', asked('get volumeattachments va', { group: 'storage.k8s.io', namespace: '' }), true],
    ['its lease', asked('update leases one', { group: 'coordination.k8s.io', namespace: 'kube-node-lease' }), true],
    [
      'the lease of another',
      asked('update leases two', { group: 'coordination.k8s.io', namespace: 'kube-node-lease' }),
      false,
    ],
    ['no node', asked('get secrets password', { user: { name: 'system:node:one', groups: [] } }), false],
  ])('%s', (_case, question, allowed) => {
    expect(nodeVerdict(question, source, rules).allowed).toBe(allowed);
  });
});
