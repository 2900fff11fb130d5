import { describe, expect, it } from 'vitest';
import { alignTabs } from './tabbed-text';

describe('alignTabs', () => {
  it.each<[string, string[], string[]]>([
    [
      'a column is as wide as its widest cell',
      ['Name:\tweb', 'Namespace:\tshop'],
      ['Name:       web', 'Namespace:  shop'],
    ],
    [
      'a line without tabs ends the columns',
      ['a:\t1', 'Containers:', 'long:\t2'],
      ['a:  1', 'Containers:', 'long:  2'],
    ],
    ['what follows the last tab makes no column', ['a\tvery long text', 'b\tx\ty'], ['a  very long text', 'b  x  y']],
    ['columns nest', ['a\tb\tc', 'aa\tbb\tc', 'aaa\tc'], ['a    b   c', 'aa   bb  c', 'aaa  c']],
    ['empty cells keep their place', ['\tone', 'key\ttwo'], ['     one', 'key  two']],
    ['a cell that ends its line keeps its padding', ['a \tb ', 'ccc \td '], ['a     b ', 'ccc   d ']],
    ['letters are counted, not bytes', ['é\t1', 'ab\t2'], ['é   1', 'ab  2']],
  ])('%s', (_case, lines, expected) => {
    expect(alignTabs(lines.join('\n')).split('\n')).toEqual(expected);
  });
});
