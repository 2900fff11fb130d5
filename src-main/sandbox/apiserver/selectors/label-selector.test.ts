import { describe, expect, it } from 'vitest';
import { parseLabelSelector } from './label-selector';

describe('a label selector', () => {
  it.each([
    ['app=web', { app: 'web' }, true],
    ['app==web,tier', { app: 'web', tier: 'a' }, true],
    ['app!=web', {}, true],
    ['app in (a, b)', { app: 'b' }, true],
    ['app notin (a,b)', { app: 'b' }, false],
    ['!app', { app: 'b' }, false],
    ['size>3', { size: '4' }, true],
    ['size<3', { size: '4' }, false],
    ['app=', { app: '' }, true],
  ] as const)('%s with %o is %s', (text, labels, expected) => {
    expect(parseLabelSelector(text).matches(labels)).toBe(expected);
  });

  it.each([
    ['==', "found '==', expected: !, identifier, or 'end of string'"],
    ['a=b=c', "found '=', expected: ',' or 'end of string'"],
    ['a,,b', "found ',', expected: identifier after ','"],
    ['a in b', "unable to parse requirement: found 'b', expected: '('"],
    ['a!b', "unable to parse requirement: found '!', expected: in, notin, =, ==, !=, gt, lt"],
    ['a>b', "unable to parse requirement: values[0]: Invalid value: \"b\": for 'Gt', 'Lt' operators"],
    ['-a', 'unable to parse requirement: <nil>: Invalid value: "-a": name part must consist of'],
    ['a=-b', 'unable to parse requirement: values[0][a]: Invalid value: "-b": a valid label must be'],
  ])('%s is refused', (text, message) => {
    expect(() => parseLabelSelector(text)).toThrow(message);
  });
});
