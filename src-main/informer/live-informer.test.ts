import { describe, expect, it } from 'vitest';
import {
  added,
  bookmark,
  changed,
  configMap,
  ConfigMaps,
  deleted,
  settle,
  types,
  World,
} from '#test/contracts/informer-world';
import { ScriptedWatch, statusOf } from '#test/contracts/scripted-carrier';

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
    (await world.carrier.next()).answer({ status: 403, json: statusOf(403, 'Forbidden', 'cannot watch') });
    (await world.carrier.next()).answer({ status: 403, json: statusOf(403, 'Forbidden', message) });
    await expect(synced).rejects.toThrow(message);
    expect(informer.freshness).toMatchObject({ state: 'forbidden', message });
    await world.clock.advance(30_000);
    await world.stream(9, configMap('one', 3));
    await informer.synced();
    expect(informer.freshness.state).toBe('live');
  });

  it.each([
    { case: 'cannot be watched', refusal: statusOf(405, 'MethodNotAllowed') },
    { case: 'may be listed but not watched', refusal: statusOf(403, 'Forbidden') },
  ])('reads kinds that $case again and again', async ({ refusal }) => {
    await using world = new World();
    const { informer, batches } = world.open();
    (await world.carrier.next()).answer({ status: refusal.code ?? 0, json: refusal });
    await world.list('', [configMap('one', 3)]);
    (await world.carrier.next()).answer({ status: refusal.code ?? 0, json: refusal });
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
