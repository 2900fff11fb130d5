import { describe, expect, it } from 'vitest';
import { withTypedLiterals } from './object-literals';

describe('withTypedLiterals', () => {
  it.each([
    ['Object{}', 'typedLiteral("Object", {})'],
    [
      'Object{spec: Object.spec{replicas: 3, ?name: x}}',
      'typedLiteral("Object", {"spec": typedLiteral("Object.spec", {"replicas": 3, ?"name": x})})',
    ],
    [
      '[JSONPatch{op: "add", path: "/a", value: {"b": c}}]',
      '[typedLiteral("JSONPatch", {"op": "add", "path": "/a", "value": {"b": c}})]',
    ],
    ['"Object{a: 1}" + anObject{a: 1}', '"Object{a: 1}" + anObject{a: 1}'],
    [
      'object.spec.list.map(x, Object.spec.list{name: f(x, y), n: z ? p : q})',
      'object.spec.list.map(x, typedLiteral("Object.spec.list", {"name": f(x, y), "n": z ? p : q}))',
    ],
  ])('%s', (expression, plain) => {
    expect(withTypedLiterals(expression).text).toBe(plain);
  });

  it('knows where things stood before', () => {
    const source = 'Object{a: nobody}';
    const { text } = withTypedLiterals(source);
    const rewriting = withTypedLiterals(source);
    expect(rewriting.originOf(text.indexOf('nobody'))).toBe(source.indexOf('nobody'));
    expect(rewriting.originOf(text.length)).toBe(source.length);
  });
});
