import { describe, expect, it } from 'vitest';
import { Scope } from '#common/base/scope';
import type { KubeObject, OwnerReference } from '#common/kube/object';
import type { TypedResource } from '#common/kube/resource';
import { ConfigMaps, CustomResourceDefinitions } from '#common/kube/resources';
import type { ConfigMap, CustomResourceDefinition } from '#common/kube/types';
import type { Draft } from '#main/client/client';
import { TestSandbox } from '#test/harness/test-sandbox';
import { EventWriter } from '../runtime/event-recorder';
import { collectableKinds } from './collectable-kinds';
import { startGarbageCollector } from './garbage-collector';

/** A sandbox whose only controller is the garbage collector. */
async function open() {
  const sandbox = await TestSandbox.open();
  const scope = new Scope('garbage collector of a test');
  const { clock, informers, reports } = sandbox;
  const client = sandbox.clientOf('gc');
  const report = (...words: unknown[]) => void reports.push(words.map(String).join(' '));
  const discover = (signal: AbortSignal) => collectableKinds(client, signal);
  const events = new EventWriter({ client: sandbox.clientOf('events'), clock, scope, report });
  await startGarbageCollector({ client, informers, events, clock, scope, report, discover });
  return {
    sandbox,
    async [Symbol.asyncDispose]() {
      await scope.close();
      await sandbox[Symbol.asyncDispose]();
    },
  };
}

const ownedBy = ({ metadata }: ConfigMap, more: Partial<OwnerReference> = {}): OwnerReference => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  name: metadata.name,
  uid: metadata.uid,
  ...more,
});

/** `root` owns `child`, which owns `grandchild`. */
async function family(sandbox: TestSandbox): Promise<ConfigMap> {
  const root = await sandbox.create(ConfigMaps, { metadata: { name: 'root' } });
  const blocking = { blockOwnerDeletion: true };
  const child = await sandbox.create(ConfigMaps, {
    metadata: { name: 'child', ownerReferences: [ownedBy(root, blocking)] },
  });
  await sandbox.create(ConfigMaps, { metadata: { name: 'grandchild', ownerReferences: [ownedBy(child, blocking)] } });
  await sandbox.settle();
  return root;
}

const namesOf = async (sandbox: TestSandbox) =>
  (await sandbox.list(ConfigMaps, 'default')).map(({ metadata }) => metadata.name);
const root = { name: 'root', namespace: 'default' };

describe('garbage collector', () => {
  it('deletes what a deleted owner left behind, generation after generation', async () => {
    await using world = await open();
    const { sandbox } = world;
    await family(sandbox);
    await sandbox.client.remove(ConfigMaps, root, { propagationPolicy: 'Background' });
    await sandbox.settle();
    expect(await namesOf(sandbox)).toEqual([]);
    expect(sandbox.reports).toEqual([]);
  });

  it('keeps the owner until its dependents are gone, where that was asked for', async () => {
    await using world = await open();
    const { sandbox } = world;
    await family(sandbox);
    const hold = { metadata: { finalizers: ['example.com/hold'] } };
    const grandchild = { name: 'grandchild', namespace: 'default' };
    await sandbox.client.patch(ConfigMaps, grandchild, { type: 'merge', patch: hold });
    await sandbox.client.remove(ConfigMaps, root, { propagationPolicy: 'Foreground' });
    await sandbox.settle();
    expect(await namesOf(sandbox)).toEqual(['child', 'grandchild', 'root']);

    const letGo = { metadata: { finalizers: null } };
    await sandbox.client.patch(ConfigMaps, grandchild, { type: 'merge', patch: letGo });
    await sandbox.settle();
    expect(await namesOf(sandbox)).toEqual([]);
    expect(sandbox.reports).toEqual([]);
  });

  it('lets the dependents go, where that was asked for', async () => {
    await using world = await open();
    const { sandbox } = world;
    await family(sandbox);
    await sandbox.client.remove(ConfigMaps, root, { propagationPolicy: 'Orphan' });
    await sandbox.settle();
    expect(await namesOf(sandbox)).toEqual(['child', 'grandchild']);
    expect((await sandbox.get(ConfigMaps, 'child')).metadata.ownerReferences).toBeUndefined();
  });

  it('takes only the reference away when another owner stays', async () => {
    await using world = await open();
    const { sandbox } = world;
    const [first, second] = await Promise.all(
      ['first', 'second'].map((name) => sandbox.create(ConfigMaps, { metadata: { name } })),
    );
    if (!first || !second) throw new Error('two were made');
    const ownerReferences = [ownedBy(first), ownedBy(second)];
    await sandbox.create(ConfigMaps, { metadata: { name: 'shared', ownerReferences } });
    await sandbox.settle();
    await sandbox.client.remove(ConfigMaps, { name: 'first', namespace: 'default' });
    await sandbox.settle();
    expect((await sandbox.get(ConfigMaps, 'shared')).metadata.ownerReferences).toEqual([ownedBy(second)]);
  });

  it('deletes an object whose owner never was', async () => {
    await using world = await open();
    const { sandbox } = world;
    const ownerReferences = [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'nobody', uid: 'no-such-uid' }];
    await sandbox.create(ConfigMaps, { metadata: { name: 'stray', ownerReferences } });
    await sandbox.settle();
    expect(await namesOf(sandbox)).toEqual([]);
  });

  it('takes no owner in another namespace for one, and says so', async () => {
    await using world = await open();
    const { sandbox } = world;
    await sandbox.namespace('elsewhere');
    const root = await sandbox.create(ConfigMaps, { metadata: { name: 'root', namespace: 'elsewhere' } });
    await sandbox.settle();
    const stray = await sandbox.create(ConfigMaps, { metadata: { name: 'stray', ownerReferences: [ownedBy(root)] } });
    await sandbox.settle();
    expect(await namesOf(sandbox)).toEqual([]);
    expect(await sandbox.eventsAbout(stray)).toEqual([
      `OwnerRefInvalidNamespace: ownerRef [v1/ConfigMap, namespace: default, name: root, uid: ${root.metadata.uid}] does not exist in namespace "default"`,
    ]);
  });

  it('looks after kinds that come later, and leaves those that go', async () => {
    await using world = await open();
    const { sandbox } = world;
    await sandbox.client.create(CustomResourceDefinitions, boats);
    await sandbox.settle();
    const boat = await sandbox.create(Boats, { metadata: { name: 'sloop' } });
    const ownerReferences = [{ apiVersion: 'example.com/v1', kind: 'Boat', name: 'sloop', uid: boat.metadata.uid }];
    await sandbox.create(ConfigMaps, { metadata: { name: 'sail', ownerReferences } });
    await sandbox.create(ConfigMaps, { metadata: { name: 'mast', ownerReferences } });
    await sandbox.settle();
    await sandbox.client.remove(Boats, { name: 'sloop', namespace: 'default' }, { propagationPolicy: 'Orphan' });
    await sandbox.settle();
    expect(await sandbox.list(Boats)).toEqual([]);
    expect(await namesOf(sandbox)).toEqual(['mast', 'sail']);
    await sandbox.client.remove(CustomResourceDefinitions, { name: 'boats.example.com' });
    await sandbox.settle();
    expect(sandbox.reports).toEqual([]);
  });
});

const Boats = {
  group: 'example.com',
  version: 'v1',
  kind: 'Boat',
  plural: 'boats',
  namespaced: true,
} as TypedResource<KubeObject>;

const boats: Draft<CustomResourceDefinition> = {
  metadata: { name: 'boats.example.com' },
  spec: {
    group: 'example.com',
    scope: 'Namespaced',
    names: { plural: 'boats', kind: 'Boat' },
    versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }],
  },
};
