import { afterEach, describe, expect, it } from 'vitest';
import { ManualClock } from '#common/base/clock';
import type { TableBatch, TableRequest } from '#common/contract/tables';
import type { AnyObject, TableColumnDefinition } from '#common/kube/object';
import type { Delta, Freshness, Informer } from '#main/informer/informer';
import type { Informers } from '#main/informer/informers';
import { pod } from '#test/fixtures/pods';
import { TableView } from './table-view';

/** What a view reads: caches that a test fills by hand, by namespace. */
class HandFilled {
  readonly open = new Map<string, HandFilledInformer>();

  at(namespace = ''): HandFilledInformer {
    const known = this.open.get(namespace) ?? new HandFilledInformer();
    this.open.set(namespace, known);
    return known;
  }

  readonly informers = {
    open: (_resource: unknown, { namespace }: { namespace?: string } = {}) => this.#lease(namespace),
    openTable: (_resource: unknown, { namespace }: { namespace?: string } = {}) => this.#lease(namespace),
    reconnect: () => undefined,
  } as unknown as Informers;

  #lease(namespace = '') {
    const informer = this.at(namespace);
    informer.readers++;
    return {
      informer: informer as unknown as Informer<AnyObject>,
      get columns() {
        return informer.columns;
      },
      [Symbol.dispose]: () => void informer.readers--,
    };
  }
}

class HandFilledInformer {
  readers = 0;
  columns: readonly TableColumnDefinition[] = [];
  freshness: Freshness = { state: 'live', since: 0 };
  readonly #objects = new Map<string, AnyObject>();
  readonly #listeners = new Set<(deltas: readonly Delta<AnyObject>[]) => void>();
  readonly cache = { values: () => this.#objects.values() };

  subscribe(listener: (deltas: readonly Delta<AnyObject>[]) => void) {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  put(...objects: AnyObject[]) {
    const deltas = objects.map((object): Delta<AnyObject> => {
      const type = this.#objects.has(object.metadata.uid) ? 'changed' : 'added';
      this.#objects.set(object.metadata.uid, object);
      return { type, object };
    });
    for (const listener of this.#listeners) listener(deltas);
  }

  remove(object: AnyObject) {
    this.#objects.delete(object.metadata.uid);
    for (const listener of this.#listeners) listener([{ type: 'removed', object, previous: object }]);
  }

  become(freshness: Freshness) {
    this.freshness = freshness;
    for (const listener of this.#listeners) listener([]);
  }
}

const Pods = { group: '', version: 'v1', plural: 'pods', kind: 'Pod', namespaced: true };
const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

function open(source: HandFilled, over: Partial<TableRequest> = {}) {
  const clock = new ManualClock();
  const request = { resource: Pods, namespaces: [], filter: '', sort: [], window: { first: 0, count: 3 }, ...over };
  const view = new TableView({ id: 'v1', informers: source.informers, clock, request });
  const controller = new AbortController();
  const reader = view.batches(controller.signal);
  cleanups.push(() => {
    controller.abort();
    view[Symbol.dispose]();
  });
  /** The next batch, letting a frame pass. */
  const next = async (): Promise<TableBatch> => {
    const batch = reader.next();
    await clock.advance(16);
    return (await batch).value as TableBatch;
  };
  return { view, clock, reader, next };
}

const brief = ({ keys, rows, total, matched }: TableBatch) => ({
  keys,
  rows: rows.map(({ name }) => name),
  total,
  matched,
});

describe('TableView', () => {
  it('tells its columns and first rows, then only what changed in its window', async () => {
    const source = new HandFilled();
    source.at().put(...['a', 'b', 'c', 'd', 'e'].map((name) => pod({ name, uid: name })));
    const { next } = open(source);
    const first = await next();
    expect(first.columns?.map(({ id }) => id).slice(0, 4)).toEqual(['name', 'namespace', 'status', 'ready']);
    expect(brief(first)).toEqual({ keys: ['a', 'b', 'c'], rows: ['a', 'b', 'c'], total: 5, matched: 5 });

    source.at().put(pod({ name: 'b', uid: 'b', restarts: 1 }));
    const second = await next();
    expect(second.columns).toBeUndefined();
    expect(brief(second)).toEqual({ keys: undefined, rows: ['b'], total: 5, matched: 5 });

    source.at().remove(pod({ name: 'a', uid: 'a' }));
    expect(brief(await next())).toEqual({ keys: ['b', 'c', 'd'], rows: ['d'], total: 4, matched: 4 });
  });

  it('says nothing about changes outside its window, except that the numbers changed', async () => {
    const source = new HandFilled();
    source.at().put(...['a', 'b', 'c', 'd'].map((name) => pod({ name, uid: name })));
    const { next, view } = open(source);
    await next();
    source.at().put(pod({ name: 'd', uid: 'd', restarts: 3 }));
    source.at().put(pod({ name: 'e', uid: 'e' }));
    const batch = await next();
    expect(brief(batch)).toEqual({ keys: undefined, rows: [], total: 5, matched: 5 });
    view.change({ window: { first: 3, count: 3 } });
    expect(brief(await next())).toMatchObject({ keys: ['c', 'd', 'e'], rows: ['d', 'e'] });
  });

  it('gathers what happens within a frame, and while its reader is busy, into one batch', async () => {
    const source = new HandFilled();
    const { next, clock, reader } = open(source);
    await next();
    for (let index = 0; index < 50; index++)
      source.at().put(pod({ name: `p${index % 5}`, uid: `p${index % 5}`, restarts: index }));
    let batches = 0;
    const waiting = reader.next().then((batch) => {
      batches++;
      return batch;
    });
    await clock.advance(15);
    expect(batches).toBe(0);
    await clock.advance(1);
    expect(brief((await waiting).value as TableBatch)).toMatchObject({ rows: ['p0', 'p1', 'p2'], total: 5 });
  });

  it('filters and sorts when it is told to, and says which part of a filter cannot be read', async () => {
    const source = new HandFilled();
    source
      .at()
      .put(
        pod({ name: 'a', uid: 'a', restarts: 1 }),
        pod({ name: 'b', uid: 'b', restarts: 9, waiting: 'CrashLoopBackOff' }),
      );
    const { next, view } = open(source);
    await next();
    view.change({ sort: [{ column: 'restarts', descending: true }] });
    expect(await next()).toMatchObject({
      keys: ['b', 'a'],
      rows: [],
      sort: [{ column: 'restarts', descending: true }],
    });
    view.change({ filter: 'status:not-ok /(/' });
    expect(await next()).toMatchObject({
      keys: ['b'],
      matched: 1,
      total: 2,
      filterProblem: '/(/: this is not a regular expression',
    });
    view.change({ filter: '' });
    const last = await next();
    expect(last.filterProblem).toBeUndefined();
    expect(brief(last)).toEqual({ keys: ['b', 'a'], rows: ['a'], total: 2, matched: 2 });
  });

  it('looks at ages again as time passes', async () => {
    const source = new HandFilled();
    const { next, view, clock, reader } = open(source);
    source.at().put(pod({ name: 'young', uid: 'young', created: clock.now() - 8000 }));
    view.change({ filter: 'age<10s' });
    expect(await next()).toMatchObject({ keys: ['young'] });
    const later = reader.next();
    await clock.advance(5016);
    expect((await later).value).toMatchObject({ keys: [], matched: 0 });
  });

  it('reads the chosen namespaces one by one, and closes those that are no longer chosen', async () => {
    const source = new HandFilled();
    source.at('x').put(pod({ name: 'a', namespace: 'x', uid: 'xa' }));
    source.at('y').put(pod({ name: 'b', namespace: 'y', uid: 'yb' }));
    const { next, view } = open(source, { namespaces: ['x', 'y'] });
    expect(await next()).toMatchObject({ keys: ['xa', 'yb'], total: 2 });
    view.change({ namespaces: ['y'] });
    expect(await next()).toMatchObject({ keys: ['yb'], total: 1 });
    expect([source.at('x').readers, source.at('y').readers]).toEqual([0, 1]);
    view[Symbol.dispose]();
    expect(source.at('y').readers).toBe(0);
  });

  it('reads many chosen namespaces through one watch and leaves the others out', async () => {
    const source = new HandFilled();
    const names = Array.from({ length: 12 }, (_, index) => `n${index}`);
    source.at().put(...['n1', 'n20'].map((namespace) => pod({ name: 'a', namespace, uid: namespace })));
    const { next } = open(source, { namespaces: names });
    expect(await next()).toMatchObject({ keys: ['n1'], total: 1 });
    source.at().put(pod({ name: 'b', namespace: 'n21', uid: 'n21' }), pod({ name: 'b', namespace: 'n2', uid: 'n2' }));
    expect(await next()).toMatchObject({ keys: ['n1', 'n2'], total: 2 });
  });

  it('is as fresh as its worst source', async () => {
    const source = new HandFilled();
    const { next } = open(source, { namespaces: ['x', 'y'] });
    expect(await next()).toMatchObject({ freshness: { state: 'live' } });
    source.at('y').become({ state: 'forbidden', since: 5, message: 'pods is forbidden' });
    expect(await next()).toMatchObject({
      freshness: { state: 'forbidden', since: 5, message: 'pods is forbidden' },
      rows: [],
    });
  });

  it('takes the columns of the server for a kind it does not know', async () => {
    const source = new HandFilled();
    const widget = (name: string, colour: string) => ({
      ...pod({ name, uid: name }),
      kind: 'Widget',
      cells: [name, colour, '5d'],
    });
    const column = (name: string, format = '') => ({ name, type: 'string', format, description: '', priority: 0 });
    const resource = { group: 'example.com', version: 'v1', plural: 'widgets', kind: 'Widget', namespaced: true };
    source.at().freshness = { state: 'loading', since: 0 };
    const { next } = open(source, { resource });
    expect(await next()).toMatchObject({ rows: [], freshness: { state: 'loading' } });
    source.at().columns = [column('Name', 'name'), column('Colour'), column('Age')];
    source.at().freshness = { state: 'live', since: 1 };
    source.at().put(widget('w1', 'red'));
    const batch = await next();
    expect(batch.columns?.map(({ id }) => id)).toEqual(['name', 'namespace', 'colour', 'age']);
    expect(batch.rows[0]?.cells).toEqual(['w1', 'default', 'red', 0]);
  });

  it('exports all rows that match, and marks what a spreadsheet would run', async () => {
    const source = new HandFilled();
    source
      .at()
      .put(...['a', 'b', 'c', 'd', 'e'].map((name) => pod({ name, uid: name, node: name === 'e' ? '=1+1' : 'n,1' })));
    const { next, view } = open(source);
    await next();
    const lines = view.export('csv').split('\r\n');
    expect(lines[0]).toMatch(/^Name,Namespace,Status,Ready/);
    expect(lines).toHaveLength(7);
    expect(lines[1]).toMatch(/^a,default,Running,1\/1,0,"n,1",,1970-01-01T00:00:00\.000Z/);
    expect(lines[5]).toContain("'=1+1");
    expect((JSON.parse(view.export('json')) as { items: unknown[] }).items).toHaveLength(5);
    expect(view.export('yaml')).toMatch(/^apiVersion: v1\nkind: List\nitems:\n/);
  });
});
