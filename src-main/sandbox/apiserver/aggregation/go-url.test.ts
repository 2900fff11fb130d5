import { expect, it } from 'vitest';
import { goPath, goQuery } from './go-url';

it.each([
  ['/a/b', '/a/b'],
  ['/a%2Fb', '/a/b'],
  ['/b%20c', '/b%20c'],
  ['/%C3%A4', '/%C3%A4'],
  ["/a!'()*", '/a%21%27%28%29%2A'],
  ['/$&+,:;=@~', '/$&+,:;=@~'],
  ['/%zz', '/%25zz'],
])('writes the path %s as %s', (path, written) => expect(goPath(path)).toBe(written));

it('sorts queries by name, keeps values of one name in order, and escapes as forms do', () => {
  expect(goQuery(new URLSearchParams('b=2&a=x y&b=1&c=~*&flag'))).toBe('a=x+y&b=2&b=1&c=~%2A&flag=');
  expect(goQuery(new URLSearchParams())).toBe('');
});
