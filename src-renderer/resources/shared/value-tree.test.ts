import { describe, expect, it } from 'vitest';
import { treeOf } from './value-tree';

describe('treeOf', () => {
  it('keeps the order of fields and names items by what names them', () => {
    expect(treeOf('spec', { size: 3, hosts: [{ name: 'a', tls: true }, 'b'], none: null })).toEqual({
      name: 'spec',
      kind: 'map',
      children: [
        { name: 'size', text: '3', kind: 'number' },
        {
          name: 'hosts',
          kind: 'list',
          children: [
            {
              name: 'a',
              kind: 'map',
              children: [
                { name: 'name', text: 'a', kind: 'text' },
                { name: 'tls', text: 'true', kind: 'boolean' },
              ],
            },
            { name: '1', text: 'b', kind: 'text' },
          ],
        },
        { name: 'none', text: 'null', kind: 'null' },
      ],
    });
  });

  it('does not draw a list without end', () => {
    const tree = treeOf(
      'x',
      Array.from({ length: 5000 }, (_, index) => index),
    );
    expect('children' in tree && tree.children.length).toBe(500);
  });
});
