import { describe, expect, it } from 'vitest';
import { ManualClock } from '#common/base/clock';
import { seededRandom } from '#common/base/random';
import { Scope } from '#common/base/scope';
import type { KubeObject } from '#common/kube/object';
import { resource } from '#common/kube/resource';
import { createClient } from '#main/client/kube-client';
import { ScriptedCarrier, ScriptedWatch, statusOf, type Ask } from '#test/contracts/scripted-carrier';
import type { Delta } from './informer';
import { createInformers, type InformersOptions } from './informers';

const ConfigMaps = resource<KubeObject>({ plural: 'configmaps', kind: 'ConfigMap' });

function configMap(name: string, revision: number, uid = name): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name,
      namespace: 'a',
      uid,
      resourceVersion: String(revision),
      creationTimestamp: '2026-01-01T00:00:00Z',
    },
  };
}

const added = (object: KubeObject) => ({ type: 'ADDED' as const, object });
const changed = (object: KubeObject) => ({ type: 'MODIFIED' as const, object });
const deleted = (object: KubeObject) => ({ type: 'DELETED' as const, object });
function bookmark(revision: number, end = false) {
  const annotations = end ? { 'k8s.io/initial-events-end': 'true' } : undefined;
  return {
    type: 'BOOKMARK' as const,
    object: { kind: 'ConfigMap', metadata: { resourceVersion: String(revision), annotations } },
  };
}

/** Lets everything that can go on without time or network go on. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
}

class World implements AsyncDisposable {
  readonly clock = new ManualClock();
  readonly scope = new Scope('test');
  readonly carrier = new ScriptedCarrier();
  readonly informers;

  constructor(options: Partial<InformersOptions> = {}) {
    const { clock, scope } = this;
    const client = createClient(this.carrier, { clock });
    this.informers = createInformers(client, { clock, scope, random: seededRandom(1), graceMs: 1000, ...options });
  }

  open() {
    const lease = this.informers.open(ConfigMaps, { namespace: 'a' });
    const batches: Delta<KubeObject>[][] = [];
    lease.informer.subscribe((deltas) => batches.push([...deltas]));
    return { ...lease, lease, batches, names: () => [...lease.informer.cache.values()].map((o) => o.metadata.name) };
  }

  /** Answers the next WatchList with `objects` at `revision` and hands out its watch. */
  async stream(revision: number, ...objects: KubeObject[]): Promise<ScriptedWatch> {
    const watch = await this.watch();
    watch.send(...objects.map(added), bookmark(revision, true));
    await settle();
    return watch;
  }

  async watch(): Promise<ScriptedWatch> {
    const watch = new ScriptedWatch();
    (await this.carrier.next()).answer({ lines: watch.lines });
    await settle();
    return watch;
  }

  async list(revision: string, objects: KubeObject[], next?: string): Promise<Ask> {
    const ask = await this.carrier.next();
    const metadata = { resourceVersion: revision, ...(next ? { continue: next } : {}) };
    ask.answer({ json: { apiVersion: 'v1', kind: 'ConfigMapList', metadata, items: objects } });
    await settle();
    return ask;
  }

  async [Symbol.asyncDispose]() {
    await this.scope.close();
  }
}

const types = (batch: Delta<KubeObject>[] | undefined) => batch?.map((d) => `${d.type} ${d.object.metadata.name}`);

describe('an informer', () => {
  it('streams the initial state and is live after the closing bookmark', async () => {
    await using world = new World();
    const { informer, names, batches } = world.open();
    expect(informer.freshness.state).toBe('loading');

    await world.stream(9, configMap('one', 3), configMap('two', 7));

    await informer.synced();
    expect(informer.freshness.state).toBe('live');
    expect(names()).toEqual(['one', 'two']);
    expect(informer.cache.revision).toBe(9);
    expect(batches.flat().map((d) => d.type)).toEqual(['added', 'added']);
    expect(world.carrier.requests[0]?.query).toMatchObject({
      watch: 'true',
      sendInitialEvents: 'true',
      resourceVersionMatch: 'NotOlderThan',
      allowWatchBookmarks: 'true',
    });
  });

  it('shows objects before the initial state is complete, without calling it live', async () => {
    await using world = new World();
    const { informer, names } = world.open();
    const watch = await world.watch();
    watch.send(added(configMap('one', 3)));
    await settle();
    expect(names()).toEqual(['one']);
    expect(informer.freshness.state).toBe('loading');
    expect(informer.cache.revision).toBe(0);
  });

  it('tells a burst of changes as one batch, in order', async () => {
    await using world = new World();
    const { batches } = world.open();
    const watch = await world.stream(9, configMap('one', 3));
    batches.length = 0;
    watch.send(changed(configMap('one', 10)), added(configMap('two', 11)), deleted(configMap('one', 12)));
    await settle();
    expect(batches.map(types)).toEqual([['changed one', 'added two', 'removed one']]);
    expect(batches[0]?.[0]?.previous?.metadata.resourceVersion).toBe('3');
  });

  it('tells a name with a new uid as removed and added', async () => {
    await using world = new World();
    const { informer, batches } = world.open();
    const watch = await world.stream(9, configMap('one', 3, 'old'));
    batches.length = 0;
    watch.send(changed(configMap('one', 10, 'new')));
    await settle();
    expect(types(batches[0])).toEqual(['removed one', 'added one']);
    expect(informer.cache.byUid('old')).toBeUndefined();
    expect(informer.cache.byUid('new')?.metadata.resourceVersion).toBe('10');
  });

  it('resumes from the last revision when the server ends the watch, and stays live', async () => {
    await using world = new World();
    const { informer, batches } = world.open();
    const watch = await world.stream(9, configMap('one', 3));
    watch.send(bookmark(20));
    await world.clock.advance(400_000);
    batches.length = 0;
    watch.end();
    await settle();
    const again = await world.carrier.next();
    expect(again.request.query).toMatchObject({ resourceVersion: '20' });
    expect(again.request.query?.['sendInitialEvents']).toBeUndefined();
    again.answer({ lines: new ScriptedWatch().lines });
    await settle();
    expect(informer.freshness.state).toBe('live');
    expect(batches).toEqual([]);
  });

  it('stops calling itself live when the watch does not come back within a second', async () => {
    await using world = new World();
    const { informer } = world.open();
    const watch = await world.stream(9);
    await world.clock.advance(10_000);
    watch.end();
    await settle();
    await world.clock.advance(999);
    expect(informer.freshness.state).toBe('live');
    await world.clock.advance(1);
    expect(informer.freshness.state).toBe('reconnecting');
  });

  it('says so at once when the connection breaks, and waits longer each time', async () => {
    await using world = new World();
    const { informer } = world.open();
    const watch = await world.stream(9);
    watch.break('socket hang up');
    await settle();
    expect(informer.freshness).toMatchObject({ state: 'reconnecting', message: 'socket hang up', attempt: 1 });
    const since = informer.freshness.since;
    for (const waitMs of [750, 1500, 3000]) {
      expect(world.carrier.waiting).toBe(0);
      await world.clock.advance(waitMs);
      (await world.carrier.next()).fail(new Error('connect ECONNREFUSED'));
      await settle();
    }
    expect(informer.freshness).toMatchObject({ state: 'reconnecting', attempt: 4, since });
  });

  it('comes back at once when told to reconnect', async () => {
    await using world = new World();
    const { informer } = world.open();
    const watch = await world.stream(9);
    watch.break('gone');
    await settle();
    world.informers.reconnect('the server answers again');
    await world.watch();
    expect(informer.freshness.state).toBe('live');
  });

  it('leaves a dead watch when told to reconnect and resumes from its revision', async () => {
    await using world = new World();
    const { informer } = world.open();
    await world.stream(9);
    world.informers.reconnect('the computer woke up');
    const again = await world.carrier.next();
    expect(again.request.query).toMatchObject({ resourceVersion: '9' });
    expect(informer.freshness).toMatchObject({ state: 'reconnecting', message: 'the computer woke up' });
  });

  it('reads everything again after 410 and removes what is gone', async () => {
    await using world = new World();
    const { informer, names, batches } = world.open();
    const watch = await world.stream(9, configMap('one', 3), configMap('two', 7));
    batches.length = 0;
    watch.send({ type: 'ERROR', object: statusOf(410, 'Expired', 'too old resource version: 9 (50)') });
    await settle();
    await world.stream(60, configMap('two', 7), configMap('three', 55));
    expect(names().sort()).toEqual(['three', 'two']);
    expect(informer.freshness.state).toBe('live');
    expect(batches.flat().map((d) => `${d.type} ${d.object.metadata.name}`)).toEqual(['added three', 'removed one']);
  });

  it.each([
    { case: 'refuses it with 422', refusal: statusOf(422, 'Invalid', 'sendInitialEvents is forbidden') },
    { case: 'refuses it with 400', refusal: statusOf(400, 'BadRequest') },
  ])('lists and watches when the server $case, and other kinds do not ask again', async ({ refusal }) => {
    await using world = new World();
    const { informer, names } = world.open();
    (await world.carrier.next()).answer({ status: refusal.code ?? 0, json: refusal });
    await world.list('9', [configMap('one', 3)], 'page-2');
    const second = await world.list('9', [configMap('two', 4)]);
    expect(second.request.query).toMatchObject({ limit: '500', continue: 'page-2' });
    const follow = await world.carrier.next();
    expect(follow.request.query).toMatchObject({ watch: 'true', resourceVersion: '9' });
    follow.answer({ lines: new ScriptedWatch().lines });
    await settle();
    expect(names()).toEqual(['one', 'two']);
    expect(informer.freshness.state).toBe('live');

    world.informers.open(ConfigMaps, { namespace: 'b' });
    expect((await world.carrier.next()).request.query?.['watch']).toBeUndefined();
  });

  it('lists when an older server sends a plain bookmark instead of the closing one', async () => {
    await using world = new World();
    const { informer } = world.open();
    const watch = await world.watch();
    watch.send(added(configMap('one', 3)), bookmark(5));
    await settle();
    await world.list('9', [configMap('two', 4)]);
    expect([...informer.cache.values()].map((o) => o.metadata.name)).toEqual(['two']);
  });

  it('lists when the closing bookmark does not come', async () => {
    await using world = new World();
    const { informer } = world.open();
    const watch = await world.watch();
    watch.send(added(configMap('one', 3)));
    await settle();
    await world.clock.advance(3000);
    await world.list('9', [configMap('one', 3)]);
    await informer.synced();
    await world.watch();
    expect(informer.freshness.state).toBe('live');
  });

  it('reads the list in one piece when it expires between two pages', async () => {
    await using world = new World({ watchList: { supported: false } });
    const { informer, names } = world.open();
    await world.list('9', [configMap('one', 3)], 'page-2');
    (await world.carrier.next()).answer({ status: 410, json: statusOf(410, 'Expired') });
    const whole = await world.list('12', [configMap('two', 4)]);
    expect(whole.request.query?.['limit']).toBeUndefined();
    await informer.synced();
    expect(names()).toEqual(['two']);
  });

  it('tells forbidden apart, refuses synced() and tries again later', async () => {
    await using world = new World();
    const { informer } = world.open();
    const synced = informer.synced();
    const message = 'configmaps is forbidden: User "jane" cannot list resource "configmaps"';
    (await world.carrier.next()).answer({ status: 403, json: statusOf(403, 'Forbidden', message) });
    await expect(synced).rejects.toThrow(message);
    expect(informer.freshness).toMatchObject({ state: 'forbidden', message });
    await world.clock.advance(30_000);
    await world.stream(9, configMap('one', 3));
    await informer.synced();
    expect(informer.freshness.state).toBe('live');
  });

  it('reads kinds that cannot be watched again and again', async () => {
    await using world = new World();
    const { informer, batches } = world.open();
    const refusal = statusOf(405, 'MethodNotAllowed');
    (await world.carrier.next()).answer({ status: 405, json: refusal });
    await world.list('', [configMap('one', 3)]);
    (await world.carrier.next()).answer({ status: 405, json: refusal });
    await settle();
    await world.list('', [configMap('one', 3)]);
    expect(informer.freshness.state).toBe('live');
    await world.clock.advance(15_000);
    batches.length = 0;
    await world.list('', [configMap('one', 4)]);
    expect(types(batches[0])).toEqual(['changed one']);
  });

  it('resolves reached() when the cache has passed the revision', async () => {
    await using world = new World();
    const { informer } = world.open();
    const watch = await world.stream(9);
    let passed = false;
    const reached = informer.reached('12').then(() => (passed = true));
    watch.send(added(configMap('one', 11)));
    await settle();
    expect(passed).toBe(false);
    watch.send(bookmark(12));
    await reached;
    await informer.reached('5');
  });

  it('rejects those who wait when it closes', async () => {
    const world = new World();
    const { informer } = world.open();
    const reached = informer.reached('12');
    const synced = informer.synced();
    reached.catch(() => undefined);
    synced.catch(() => undefined);
    await world.scope.close();
    await expect(reached).rejects.toThrow('was closed');
    await expect(synced).rejects.toThrow('was closed');
  });
});

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
