import { describe, expect, it } from 'vitest';
import { withPlainLiterals } from './object-literals';

describe('withPlainLiterals', () => {
  it.each([
    ['Object{}', '{}'],
    ['Object{spec: Object.spec{replicas: 3, ?name: x}}', '{"spec": {"replicas": 3, ?"name": x}}'],
    ['[JSONPatch{op: "add", path: "/a", value: {"b": c}}]', '[{"op": "add", "path": "/a", "value": {"b": c}}]'],
    [
      'Object{metadata: Object.metadata{labels: {"a": f(x, y), "b": z ? p : q}}}',
      '{"metadata": {"labels": {"a": f(x, y), "b": z ? p : q}}}',
    ],
    ['"Object{a: 1}" + anObject{a: 1}', '"Object{a: 1}" + anObject{a: 1}'],
    ['object.spec.list.map(x, Object.spec.list{name: x, n: 1})', 'object.spec.list.map(x, {"name": x, "n": 1})'],
  ])('%s', (expression, plain) => {
    expect(withPlainLiterals(expression)).toBe(plain);
  });
});
