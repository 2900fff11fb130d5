import { describe, expect, it } from 'vitest';
import { complete, completionsOf, pieceAt, piecesOf, type FilterSources } from './filter-text';

const sources: FilterSources = {
  namespaces: ['default', 'shop', 'shop-test'],
  valuesOf: (column) => (column === 'status' ? ['Running', 'Pending'] : ['node-2', 'node-1']),
  numbers: ['restarts'],
};
const offered = (piece: string) => completionsOf(piece, sources).map(({ insert }) => insert);

describe('piecesOf', () => {
  it('tells tokens from words and gives the whole text back', () => {
    const filter = 'web status:not-ok or !ns:shop  /a b/ age<1h nginx:1.27';
    const pieces = piecesOf(filter);
    expect(pieces.map(({ text }) => text).join('')).toBe(filter);
    expect(pieces.filter(({ is }) => is === 'token').map(({ text }) => text)).toEqual([
      'status:not-ok',
      '!ns:shop',
      '/a b/',
      'age<1h',
    ]);
    expect(pieces.filter(({ is }) => is === 'or')).toHaveLength(1);
    expect(pieces.filter(({ is }) => is === 'word').map(({ text }) => text)).toEqual(['web', 'nginx:1.27']);
  });
});

describe('pieceAt', () => {
  it.each([
    ['status:ok web', 6, 'status:ok'],
    ['status:ok web', 9, 'status:ok'],
    ['status:ok web', 10, ''],
    ['status:ok web', 13, 'web'],
    ['', 0, ''],
  ])('of %j at %d is %j', (filter, caret, text) => expect(pieceAt(filter, caret).text).toBe(text));
});

describe('completionsOf', () => {
  it.each([
    ['', ['status:', 'ns:', 'label:', 'node:', 'image:', 'name:', 'age<', 'restarts>']],
    ['n', ['ns:', 'node:', 'name:']],
    ['!st', ['!status:']],
    ['crowd', []],
    ['ns:shop', ['ns:shop-test']],
    ['ns:default,sh', ['ns:default,shop', 'ns:default,shop-test']],
    ['status:run', ['status:Running']],
    ['node:', ['node:node-1', 'node:node-2']],
    ['age<', ['age<5m', 'age<1h', 'age<1d']],
    ['label:app', []],
  ])('of %j', (piece, inserts) => expect(offered(piece)).toEqual(inserts));
});

describe('complete', () => {
  it('replaces the piece at the caret and goes on after it', () => {
    expect(complete('a st b', 4, { insert: 'status:', ends: false })).toEqual({ text: 'a status: b', caret: 9 });
    expect(complete('ns:sh', 5, { insert: 'ns:shop', ends: true })).toEqual({ text: 'ns:shop ', caret: 8 });
    expect(complete('ns:sh web', 5, { insert: 'ns:shop', ends: true })).toEqual({ text: 'ns:shop web', caret: 7 });
  });
});
