import { describe, expect, it } from 'vitest';
import { randomInt, seededRandom } from '#common/base/random';
import { podKind } from '#common/kinds/pod';
import type { AnyObject } from '#common/kube/object';
import { pod } from '#test/fixtures/pods';
import { TableEngine, type Look } from './table-engine';

const everything = { first: 0, count: 1000 };
const look = (over: Partial<Look> = {}): Look => ({ filter: '', sort: [], window: everything, ...over });
const engineOf = (objects: AnyObject[], over: Partial<Look> = {}) => {
  const engine = new TableEngine(podKind, look(over), () => 0);
  engine.apply(objects.map((object) => ({ type: 'added', object })));
  return engine;
};
const names = (engine: TableEngine) => engine.show().rows.map(({ name }) => name);

describe('TableEngine', () => {
  const pods = [
    pod({ name: 'b', namespace: 'x', restarts: 2 }),
    pod({ name: 'a', namespace: 'y', restarts: 10, node: 'node-2' }),
    pod({ name: 'c', namespace: 'x', restarts: 0, phase: 'Succeeded' }),
    pod({ name: 'a', namespace: 'x', restarts: 2, uid: 'other' }),
  ];

  it.each<[string, Partial<Look>, string[]]>([
    ['natural order is namespace, then name', {}, ['a', 'b', 'c', 'a']],
    ['numbers are compared as numbers', { sort: [{ column: 'restarts', descending: true }] }, ['a', 'a', 'b', 'c']],
    ['ties keep the natural order', { sort: [{ column: 'restarts', descending: false }] }, ['c', 'a', 'b', 'a']],
    [
      'several keys',
      {
        sort: [
          { column: 'node', descending: true },
          { column: 'name', descending: true },
        ],
      },
      ['a', 'c', 'b', 'a'],
    ],
    ['an unknown column is left out', { sort: [{ column: 'colour', descending: true }] }, ['a', 'b', 'c', 'a']],
    ['a window', { window: { first: 1, count: 2 } }, ['b', 'c']],
    ['a window past the end shows the end', { window: { first: 100, count: 2 } }, ['c', 'a']],
    ['a filter', { filter: 'ns:x !status:done' }, ['a', 'b']],
  ])('%s', (_case, over, expected) => {
    expect(names(engineOf(pods, over))).toEqual(expected);
  });

  it('counts what is in scope and what passes', () => {
    const { total, matched } = engineOf(pods, { filter: 'ns:x', window: { first: 0, count: 1 } }).show();
    expect({ total, matched }).toEqual({ total: 4, matched: 3 });
  });

  it('puts objects without a value last in both directions', () => {
    const some = [pod({ name: 'a', node: 'n1' }), pod({ name: 'b', node: 'n2' })];
    const unscheduled = pod({ name: 'c', phase: 'Pending' });
    delete (unscheduled.spec as { nodeName?: string }).nodeName;
    const all = [unscheduled, ...some];
    expect(names(engineOf(all, { sort: [{ column: 'node', descending: false }] }))).toEqual(['a', 'b', 'c']);
    expect(names(engineOf(all, { sort: [{ column: 'node', descending: true }] }))).toEqual(['b', 'a', 'c']);
  });

  it('shows after thousands of changes what a fresh engine shows, whatever was sorted and filtered on the way', () => {
    const random = seededRandom(42);
    const engine = engineOf([], {});
    const objects = new Map<string, AnyObject>();
    const looks: Partial<Look>[] = [
      { sort: [{ column: 'restarts', descending: true }], filter: '' },
      { sort: [{ column: 'status', descending: false }], filter: '!ns:n3' },
      { sort: [], filter: 'status:not-ok or restarts>5' },
      {
        sort: [
          { column: 'node', descending: true },
          { column: 'name', descending: true },
        ],
        filter: 'p1',
      },
    ];
    for (let step = 0; step < 8000; step++) {
      const name = `p${randomInt(random, 400)}`;
      const namespace = `n${randomInt(random, 5)}`;
      const object = pod({
        name,
        namespace,
        node: `node-${randomInt(random, 9)}`,
        restarts: randomInt(random, 12),
        ...(random.next() < 0.3 ? { waiting: 'CrashLoopBackOff' } : {}),
      });
      const known = objects.has(object.metadata.uid);
      if (known && random.next() < 0.4) {
        objects.delete(object.metadata.uid);
        engine.apply([{ type: 'removed', object }]);
      } else {
        objects.set(object.metadata.uid, object);
        engine.apply([{ type: known ? 'changed' : 'added', object }]);
      }
      if (step % 1000 !== 999) continue;
      const { sort = [], filter = '' } = looks[Math.floor(step / 1000) % looks.length]!;
      const fresh = engineOf([...objects.values()], { sort, filter });
      engine.setSort(sort);
      engine.setFilter(filter);
      expect(names(engine)).toEqual(names(fresh));
    }
    const last = { sort: looks[3]!.sort!, filter: looks[3]!.filter! };
    const fresh = engineOf(
      [...objects.values()].sort(() => random.next() - 0.5),
      last,
    );
    expect(names(engine)).toEqual(names(fresh));
  });
});
