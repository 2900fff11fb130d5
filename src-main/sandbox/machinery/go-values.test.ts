import { describe, expect, it } from 'vitest';
import { goPrint, goSyntax, goType } from './go-values';

describe('JSON values as Go prints them', () => {
  it.each([
    ['a number', 1, '1', '1', 'int64'],
    ['a fraction', 1.5, '1.5', '1.5', 'float64'],
    ['a text', 'a "b"', 'a "b"', String.raw`"a \"b\""`, 'string'],
    ['a boolean', true, 'true', 'true', 'bool'],
    ['nothing', null, '<nil>', 'interface {}(nil)', '<nil>'],
    ['a list', [1, 'a'], '[1 a]', '[]interface {}{1, "a"}', '[]interface {}'],
    [
      'a map, its keys sorted',
      { b: [], a: { c: false } },
      'map[a:map[c:false] b:[]]',
      'map[string]interface {}{"a":map[string]interface {}{"c":false}, "b":[]interface {}{}}',
      'map[string]interface {}',
    ],
  ])('%s', (_case, value, ...expected) => {
    expect([goPrint(value), goSyntax(value), goType(value)]).toEqual(expected);
  });
});
