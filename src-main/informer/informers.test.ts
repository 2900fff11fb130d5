import { describe, expect, it } from 'vitest';
import type { KubeObject } from '#common/kube/object';
import { configMap, ConfigMaps, settle, World } from '#test/contracts/informer-world';
import { ScriptedWatch } from '#test/contracts/scripted-carrier';

describe('shared informers', () => {
  it('open one watch for many readers and close it a grace period after the last', async () => {
    await using world = new World();
    const first = world.informers.open(ConfigMaps);
    const second = world.informers.open(ConfigMaps, {
      indexes: { initial: (object: KubeObject) => [object.metadata.name.slice(0, 1)] },
    });
    expect(second.informer).toBe(first.informer);
    await world.stream(9, configMap('one', 3), configMap('other', 4), configMap('two', 5));
    expect(second.informer.cache.indexed('initial', 'o').map((o) => o.metadata.name)).toEqual(['one', 'other']);
    first[Symbol.dispose]();
    first[Symbol.dispose]();
    await world.clock.advance(5000);
    expect(world.informers.open(ConfigMaps).informer).toBe(second.informer);
    second[Symbol.dispose]();
    const last = world.informers.open(ConfigMaps);
    expect(last.informer).toBe(second.informer);
  });

  it('forget a watch after its grace period', async () => {
    await using world = new World();
    const first = world.informers.open(ConfigMaps);
    await world.stream(9);
    first[Symbol.dispose]();
    await world.clock.advance(999);
    const second = world.informers.open(ConfigMaps);
    expect(second.informer).toBe(first.informer);
    second[Symbol.dispose]();
    await world.clock.advance(1000);
    await settle();
    expect(world.informers.open(ConfigMaps).informer).not.toBe(first.informer);
  });

  it('keep readers apart who want different objects', async () => {
    await using world = new World();
    const { informers } = world;
    const leases = [
      informers.open(ConfigMaps),
      informers.open(ConfigMaps, { namespace: 'a' }),
      informers.open(ConfigMaps, { labelSelector: 'app=web' }),
      informers.open(ConfigMaps, { trim: true }),
    ];
    expect(new Set(leases.map((lease) => lease.informer)).size).toBe(4);
  });
});

describe('a table informer', () => {
  const columnDefinitions = [{ name: 'Name', type: 'string', format: 'name', description: '', priority: 0 }];
  const table = (revision: number, rows: unknown[], columns: unknown[] | null = columnDefinitions) => ({
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata: { resourceVersion: String(revision) },
    columnDefinitions: columns,
    rows,
  });
  const row = (name: string, revision: number, cells: unknown[]) => ({
    cells,
    object: { ...configMap(name, revision), kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1' },
  });

  it('keeps rows and columns of the server current', async () => {
    await using world = new World();
    const lease = world.informers.openTable(ConfigMaps, { namespace: 'a' });
    const ask = await world.carrier.next();
    expect(ask.request.headers?.['accept']).toContain('as=Table;v=v1;g=meta.k8s.io');
    const watch = new ScriptedWatch();
    ask.answer({ lines: watch.lines });
    watch.send({ type: 'ADDED', object: table(3, [row('one', 3, ['one', 1])]) });
    const end = { metadata: { resourceVersion: '9', annotations: { 'k8s.io/initial-events-end': 'true' } } };
    watch.send({ type: 'BOOKMARK', object: table(9, [{ cells: [], object: end }], null) });
    watch.send({ type: 'MODIFIED', object: table(10, [row('one', 10, ['one', 2])], null) });
    await settle();
    expect(lease.columns).toEqual(columnDefinitions);
    const [one] = lease.informer.cache.values();
    expect(one).toMatchObject({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'one' }, cells: ['one', 2] });
    expect(lease.informer.freshness.state).toBe('live');
  });

  it('falls back to name and creation time when the server prints no table', async () => {
    await using world = new World({ watchList: { supported: false } });
    const lease = world.informers.openTable(ConfigMaps);
    await world.list('9', [configMap('one', 3)]);
    expect(lease.columns.map((column) => column.name)).toEqual(['Name', 'Created At']);
    expect([...lease.informer.cache.values()][0]?.cells).toEqual(['one', '2026-01-01T00:00:00Z']);
  });
});
