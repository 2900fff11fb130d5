import { describe, expect, it } from 'vitest';
import { ManualClock } from '#common/base/clock';
import { keysOf, RevisionGone } from './collection';
import { ABSENT, StaleWrite, Store } from './store';

const object = (name: string, labels: Record<string, string> = {}) => ({
  metadata: { name, uid: name, resourceVersion: '', creationTimestamp: '', labels },
  apiVersion: 'v1',
  kind: 'Pod',
});

function filled(...keys: string[]) {
  const store = new Store({ clock: new ManualClock() });
  const pods = store.collection('pods');
  for (const key of keys) store.put(pods, key, object(key), ABSENT);
  return { store, pods };
}

describe('a store', () => {
  it('counts one revision over all collections', () => {
    const { store, pods } = filled('a/x');
    const node = store.put(store.collection('nodes'), 'n', object('n'), ABSENT);
    expect(node.revision).toBe((pods.get('a/x')?.revision ?? 0) + 1);
    expect(node.object.metadata.resourceVersion).toBe(String(store.revision));
  });

  it('refuses a write that expects another state, and tells the state there is', () => {
    const { store, pods } = filled('a/x');
    const current = pods.get('a/x');
    expect(() => store.put(pods, 'a/x', object('x'), ABSENT)).toThrow(StaleWrite);
    expect(() => store.put(pods, 'a/x', object('x'), 77)).toThrow(StaleWrite);
    expect(() => store.delete(pods, 'a/y', 5)).toThrow(StaleWrite);
    expect(pods.get('a/x')).toBe(current);
  });

  it('encodes an object once, and items of lists are a part of the same bytes', () => {
    const { pods } = filled('a/x');
    const entry = pods.get('a/x')!;
    expect(entry.bytes).toBe(entry.bytes);
    expect(entry.bytes.toString()).toMatch(/^\{"kind":"Pod","apiVersion":"v1","metadata":/);
    expect(entry.itemBytes.buffer).toBe(entry.bytes.buffer);
    expect(JSON.parse(`{${entry.itemBytes.toString()}`)).toEqual({ metadata: entry.object.metadata });
  });

  it('lists in the order of keys, a namespace without those whose names begin alike', () => {
    const { pods } = filled('b/a', 'a/z', 'a-b/c', 'a/b', 'ab/c');
    expect(pods.list().map(({ key }) => key)).toEqual(['a-b/c', 'a/b', 'a/z', 'ab/c', 'b/a']);
    expect(pods.list(keysOf('a')).map(({ key }) => key)).toEqual(['a/b', 'a/z']);
  });

  it('keeps its order over thousands of inserts and removals', () => {
    const { store, pods } = filled();
    const keys = Array.from({ length: 5000 }, (_, i) => `ns/p${(i * 7919) % 5000}`);
    for (const key of keys) store.put(pods, key, object(key), ABSENT);
    for (const key of keys.slice(0, 2500)) store.delete(pods, key, pods.get(key)!.revision);
    const left = keys.slice(2500).sort();
    expect(pods.list().map(({ key }) => key)).toEqual(left);
    expect(pods.size).toBe(2500);
    expect(pods.get(left[17]!)?.key).toBe(left[17]);
  });

  it('reads pages of a list as it was when the first page was read', () => {
    const { store, pods } = filled('a/1', 'a/2', 'a/3', 'a/4');
    const { revision } = store;
    const first = pods.page(keysOf('a'), revision, 2);
    store.delete(pods, 'a/3', pods.get('a/3')!.revision);
    store.put(pods, 'a/25', object('25'), ABSENT);
    store.put(pods, 'a/4', object('4', { changed: 'yes' }), pods.get('a/4')!.revision);
    const rest = pods.page({ from: 'a/2\0', to: 'a0' }, revision, 10);
    expect(first.entries.map(({ key }) => key)).toEqual(['a/1', 'a/2']);
    expect(first.remaining).toBe(2);
    expect(rest.entries.map(({ key }) => key)).toEqual(['a/3', 'a/4']);
    expect(rest.entries[1]?.object.metadata.labels).toEqual({});
  });

  it('resumes a watch behind the revision given, deletions among the events', () => {
    const { store, pods } = filled('a/1', 'a/2', 'b/1');
    const from = store.revision;
    store.delete(pods, 'a/2', pods.get('a/2')!.revision);
    const watcher = pods.watch(keysOf('a'), from);
    store.put(pods, 'b/2', object('2'), ABSENT);
    store.put(pods, 'a/3', object('3'), ABSENT);
    const events = watcher.take().map(({ type, entry }) => [type, entry.key, entry.revision]);
    expect(events).toEqual([
      ['DELETED', 'a/2', from + 1],
      ['ADDED', 'a/3', from + 3],
    ]);
    watcher.end();
    expect(pods.watchers).toBe(0);
  });

  it('ends a watch whose reader is too slow instead of keeping everything for it', async () => {
    const { store, pods } = filled();
    const watcher = pods.watch(keysOf(undefined), store.revision, 3);
    for (let i = 0; i < 5; i++) store.put(pods, `a/${i}`, object(`${i}`), ABSENT);
    expect(watcher.ended).toBe(true);
    expect(watcher.overrun).toBe(true);
    expect(watcher.take()).toEqual([]);
    await watcher.ready();
  });

  it('says that a revision is too old once its history is gone', async () => {
    const clock = new ManualClock();
    const store = new Store({ clock });
    const pods = store.collection('pods');
    for (let i = 0; i < 1500; i++) store.put(pods, `a/${i}`, object(`${i}`), ABSENT);
    await clock.advance(10 * 60_000);
    store.put(pods, 'a/x', object('x'), ABSENT);
    expect(() => pods.watch(keysOf('a'), 10)).toThrow(RevisionGone);
    expect(() => pods.at(keysOf('a'), 10)).toThrow(`too old resource version: 10 (${pods.compacted})`);
    pods.watch(keysOf('a'), store.revision - 5).end();
  });
});
