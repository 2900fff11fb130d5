import { describe, expect, it } from 'vitest';
import { atomicParts } from './atomic-parts';
import { schemaOf } from './schema';

const pod = schemaOf({ group: '', version: 'v1', kind: 'Pod' })!;

describe('atomicParts', () => {
  it.each([
    [{ metadata: { labels: { a: 'b' } } }, []],
    [{ spec: { containers: [{ name: 'a', args: ['x'] }] } }, ['.spec.containers[0].args']],
    [{ spec: { nodeSelector: { a: 'b' }, tolerations: [] } }, ['.spec.nodeSelector', '.spec.tolerations']],
    [{ spec: { containers: [{ name: 'a', env: [{ name: 'x', value: 'y' }] }] } }, []],
  ])('%j', (value, parts) => {
    expect(atomicParts(value, pod)).toEqual(parts);
  });
});
