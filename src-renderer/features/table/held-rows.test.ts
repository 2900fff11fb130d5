import { describe, expect, it } from 'vitest';
import type { TableRow } from '#common/contract/tables';
import { HeldRows } from './held-rows';

const row = (key: string, cell = key): TableRow => ({ key, name: key, cells: [cell], tone: 'ok', deleting: false });

describe('HeldRows', () => {
  it('answers by the index in the whole view', () => {
    const rows = new HeldRows();
    rows.take({ first: 100, keys: ['a', 'b'], rows: [row('a'), row('b')] });
    expect(rows.at(101)?.name).toBe('b');
    expect(rows.at(0)).toBeUndefined();
    expect(rows.indexOf('b')).toBe(101);
    expect(rows.indexOf('c')).toBeUndefined();
  });

  it('takes changed rows without a new order, and says once which they were', () => {
    const rows = new HeldRows();
    rows.take({ first: 0, keys: ['a', 'b'], rows: [row('a'), row('b')] });
    expect([...rows.takeChanged()]).toEqual([]);
    rows.take({ first: 0, rows: [row('a', 'changed')] });
    expect(rows.at(0)?.cells).toEqual(['changed']);
    expect([...rows.takeChanged()]).toEqual(['a']);
    expect([...rows.takeChanged()]).toEqual([]);
  });

  it('keeps rows that stay in a moved window and forgets the others', () => {
    const rows = new HeldRows();
    rows.take({ first: 0, keys: ['a', 'b'], rows: [row('a'), row('b')] });
    rows.take({ first: 1, keys: ['b', 'c'], rows: [row('c')] });
    expect([rows.at(0)?.name, rows.at(1)?.name, rows.at(2)?.name]).toEqual([undefined, 'b', 'c']);
    expect(rows.all().map(({ name }) => name)).toEqual(['b', 'c']);
    rows.take({ first: 0, keys: ['a'], rows: [] });
    expect(rows.at(0)).toBeUndefined();
  });
});
