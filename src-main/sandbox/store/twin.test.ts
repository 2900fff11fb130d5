import { describe, expect, it } from 'vitest';
import { shareWithTwin } from './twin';

const pod = (name: string, node: string) => ({
  metadata: { name, labels: { app: 'web', tier: 'front' } },
  spec: { nodeName: node, tolerations: [{ key: 'a' }], containers: [{ name: 'main', image: 'nginx' }] },
});

describe('objects that are alike', () => {
  it('share what is equal at the same place, however deep, and keep what differs', () => {
    const [first, second] = [pod('a', 'one'), pod('b', 'two')];
    shareWithTwin(second, first);
    expect(second).toEqual(pod('b', 'two'));
    expect(second.metadata.labels).toBe(first.metadata.labels);
    expect(second.spec.tolerations).toBe(first.spec.tolerations);
    expect(second.spec).not.toBe(first.spec);
  });

  it('share nothing that only looks alike', () => {
    const twin = { spec: { list: [1, 2], more: { a: 1 } } };
    const object = { spec: { list: [1, 2, 3], more: { a: 1, b: undefined as number | undefined } } };
    shareWithTwin(object, twin);
    expect(object.spec.list).toEqual([1, 2, 3]);
    expect(twin.spec.list).toEqual([1, 2]);
  });

  it('leave parts alone that are frozen, as parts of stored objects may be', () => {
    const spec = Object.freeze({ list: [1], name: 'x' });
    const twin = { spec: { list: [1], name: 'y' } };
    const object = { spec };
    shareWithTwin(object, twin);
    expect(object.spec).toBe(spec);
  });
});
