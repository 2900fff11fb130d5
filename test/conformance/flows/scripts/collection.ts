import type { Flow, FlowStep, Manifest } from '../flow';
import { noted } from './manifests';

interface Owner {
  name: string;
  /** Where it is found; the flow's own namespace unless given. */
  namespace?: string;
  uid?: string;
  blocks?: boolean;
}

function configMap(name: string, owners: readonly Owner[] = [], metadata: Record<string, unknown> = {}): Manifest {
  const ownerReferences = owners.map(({ name: owner, namespace = '{ns}', uid, blocks }) => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    name: owner,
    uid: uid ?? `{uid:configmaps/${namespace}/${owner}}`,
    ...(blocks ? { blockOwnerDeletion: true } : {}),
  }));
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, ...(owners.length > 0 ? { ownerReferences } : {}), ...metadata },
  };
}

const flow = (name: string, ...steps: readonly (FlowStep | FlowStep[])[]): Flow => ({
  name: `collection/${name}`,
  steps: steps.flat(),
});

/** `root` owns `child`, which owns `grandchild`. */
const family = (blocks: boolean): FlowStep[] => [
  { create: configMap('root') },
  { create: configMap('child', [{ name: 'root', blocks }]) },
  { create: configMap('grandchild', [{ name: 'child', blocks }]) },
  ...noted('made'),
];

const removed = (policy: 'Foreground' | 'Background' | 'Orphan'): FlowStep[] => [
  { remove: 'configmaps/root', policy },
  { gone: 'configmaps/root' },
  ...noted('removed'),
];

const held = { finalizers: ['example.com/held'] };

export const collectionFlows: readonly Flow[] = [
  flow('background', family(false), removed('Background')),
  flow('foreground', family(true), removed('Foreground')),
  flow('orphan', family(true), removed('Orphan')),
  flow(
    'foreground-waits-for-blocking',
    { create: configMap('root') },
    { create: configMap('blocking', [{ name: 'root', blocks: true }], held) },
    { create: configMap('other', [{ name: 'root' }], held) },
    { remove: 'configmaps/root', policy: 'Foreground' },
    noted('waits'),
    { patch: 'configmaps/blocking', with: { metadata: { finalizers: null } } },
    { gone: 'configmaps/root' },
    noted('root is gone'),
  ),
  flow(
    'blocking-let-go',
    { create: configMap('root') },
    { create: configMap('child', [{ name: 'root', blocks: true }], held) },
    { remove: 'configmaps/root', policy: 'Foreground' },
    noted('waits'),
    { patch: 'configmaps/child', with: { metadata: { ownerReferences: null } } },
    { gone: 'configmaps/root' },
    noted('root is gone'),
  ),
  flow(
    'two-owners',
    { create: configMap('one') },
    { create: configMap('two') },
    { create: configMap('child', [{ name: 'one' }, { name: 'two' }]) },
    { remove: 'configmaps/one', policy: 'Background' },
    noted('one owner left'),
    { remove: 'configmaps/two', policy: 'Background' },
    { gone: 'configmaps/child' },
    noted('none left'),
  ),
  flow(
    'owner-that-never-was',
    { create: configMap('child', [{ name: 'nobody', uid: '11111111-2222-3333-4444-555555555555' }]) },
    { gone: 'configmaps/child' },
    noted('removed'),
  ),
  flow(
    'owner-of-another-uid',
    { create: configMap('root') },
    { create: configMap('child', [{ name: 'root', uid: '11111111-2222-3333-4444-555555555555' }]) },
    { gone: 'configmaps/child' },
    noted('removed'),
  ),
  flow(
    'owner-in-another-namespace',
    { create: configMap('child', [{ name: 'kube-root-ca.crt', namespace: 'kube-system' }]) },
    noted('told'),
  ),
];
