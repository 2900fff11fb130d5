import { describe, expect, it } from 'vitest';
import type { JSONSchemaProps } from '#common/kube/types';
import { compile } from './compile';
import { largestCost } from './rule-cost';
import { declaredType, ruleEnvironment, typeAt, type DeclaredType } from './schema-types';

const schema = {
  type: 'object',
  properties: {
    text: { type: 'string' },
    short: { type: 'string', maxLength: 10 },
    numbers: { type: 'array', items: { type: 'integer' }, maxItems: 100 },
    shorts: { type: 'array', items: { type: 'string', maxLength: 10 }, maxItems: 10 },
    labels: { type: 'object', additionalProperties: { type: 'string', maxLength: 5 }, maxProperties: 20 },
    open: { type: 'array', items: { type: 'object', required: ['a'], properties: { a: { type: 'string' } } } },
    number: { type: 'integer' },
    namespace: { type: 'string' },
    'a-b': { type: 'boolean' },
    free: { 'x-kubernetes-preserve-unknown-fields': true },
  },
} as unknown as JSONSchemaProps;

const type = declaredType(schema) as DeclaredType;

function costOf(expression: string): number {
  const { tree, problem } = compile(expression, ruleEnvironment(type, { optionalOldSelf: false }));
  if (!tree) throw new Error(problem);
  return largestCost(tree, type);
}

describe('declaredType', () => {
  it('knows how much of a thing fits into a request', () => {
    expect(typeAt(type, ['text'])?.maxElements).toBe(3_145_726);
    expect(typeAt(type, ['short'])?.maxElements).toBe(40);
    expect(typeAt(type, ['open', '@items', 'a'])?.maxElements).toBe(3_145_726);
    // Each takes at least `{"a":""}` and a comma.
    expect(typeAt(type, ['open'])?.maxElements).toBe(Math.floor(3_145_726 / 10));
  });

  it('leaves out what has no type, and names fields as CEL can', () => {
    expect(type.fields.has('free')).toBe(false);
    expect([...type.fields.keys()]).toEqual(expect.arrayContaining(['a__dash__b', 'namespace', '__namespace__']));
  });

  it('knows the root and embedded objects as resources', () => {
    expect([...(declaredType({ type: 'object' }, true)?.fields.keys() ?? [])]).toEqual([
      'apiVersion',
      'kind',
      'metadata',
    ]);
  });
});

describe('largestCost', () => {
  it.each([
    ['true', 0],
    ['self.number > 1', 3],
    ['has(self.text)', 1],
    ['self.text == "abcdefghijklmnopqrst"', 4],
    ['self.short.startsWith("abcdefghij")', 3],
    // Each of 100 numbers: two steps of the loop, the variable, the comparison and the accumulator.
    ['self.numbers.all(n, n > 1)', 2 + 1 + 100 * 5],
    ['self.numbers.exists(n, n > 1)', 2 + 1 + 100 * 6],
    ['self.numbers.map(n, n)', 2 + 11 + 100 * 13],
    ['self.labels.all(k, self.labels[k].size() > 1)', 2 + 1 + 20 * 9],
    ['self.shorts.all(s, s.matches("aaaaaaaa"))', 2 + 1 + 10 * (3 + 1 + 5 * 2)],
    ['self.number > 1 ? self.short.contains("a") : true', 3 + 2 + 4],
    ['[1, 2, 3].all(x, x > 1)', 10 + 1 + 3 * 5],
  ])('of %s is %d', (expression, cost) => {
    expect(costOf(expression)).toBe(cost);
  });

  it('has no end where nobody knows how much there is', () => {
    expect(costOf('(self.text + self.text).contains(string(self.number))')).toBe(Infinity);
  });
});
