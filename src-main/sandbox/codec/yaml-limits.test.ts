import { describe, expect, it } from 'vitest';
import { decodeBody } from './decode-body';
import { MOST_DEPTH, tooDeepAt } from './depth';
import { protobufEnvelope, protobufMessage } from './protobuf-answer';
import { parseYaml } from './yaml-body';

const nested = (depth: number) => `${'['.repeat(depth)}1${']'.repeat(depth)}`;

describe('tooDeepAt', () => {
  it.each([
    ['what is deep enough', nested(MOST_DEPTH), undefined],
    ['one level more', nested(MOST_DEPTH + 1), MOST_DEPTH],
    ['brackets beside each other', '[]{}'.repeat(MOST_DEPTH), undefined],
    ['brackets in strings', JSON.stringify('['.repeat(MOST_DEPTH * 2)), undefined],
    ['brackets behind escaped quotes', `"a\\"${'['.repeat(MOST_DEPTH * 2)}\\\\"`, undefined],
    ['a string without an end', `"${'['.repeat(MOST_DEPTH * 2)}`, undefined],
  ])('judges %s', (_case, text, at) => {
    expect(tooDeepAt(Buffer.from(text))).toBe(at);
  });
});

describe('parseYaml', () => {
  const bomb = (levels: number) =>
    Array.from({ length: levels }, (_, at) => {
      const item = at === 0 ? 'x' : `*a${at - 1}`;
      return `k${at}: &a${at} [${Array<string>(9).fill(item).join(',')}]\n`;
    }).join('');

  it.each([
    ['brackets', `a: ${nested(240)}`],
    ['brackets in a text', `a: |\n  ${'\u001b[1m '.repeat(1000)}\nb: '${'{'.repeat(1000)}'`],
    ['a text that is indented', `a: |\n  x\n${' '.repeat(1000)}y\n`],
    ['lists in lists', `${'- '.repeat(170)}a`],
    ['maps in maps', Array.from({ length: 300 }, (_, at) => `${' '.repeat(at)}a:\n`).join('')],
  ])('takes %s', (_case, text) => {
    expect(parseYaml(text)).toBeDefined();
  });

  it('takes aliases that stay small', () => {
    const text = `a: &a {b: c}\nx: [${Array<string>(2000).fill('*a').join(',')}]\n`;
    expect((parseYaml(text) as { x: unknown[] }).x).toHaveLength(2000);
    expect(parseYaml(bomb(3))).toHaveProperty('k2');
  });

  it.each([
    ['aliases that grow without end', bomb(9), 'yaml: document contains excessive aliasing'],
    ['an alias of nothing', 'a: *b\n', "yaml: unknown anchor 'b' referenced"],
    ['an alias of what it stands in', 'a: &b {c: *b}\n', "yaml: anchor 'b' value contains itself"],
    ['brackets in brackets', `a: 1\nb: ${nested(10_001)}\n`, 'yaml: line 2: exceeded max depth of 10000'],
    ['brackets without an end', `a: ${'{a: '.repeat(2000)}`, 'yaml: line 1: exceeded max depth of 10000'],
    ['lists in lists', `a:\n  ${'- '.repeat(5000)}a`, 'yaml: line 2: exceeded max depth of 10000'],
    [
      'maps in maps',
      Array.from({ length: 1000 }, (_, at) => `${' '.repeat(at)}a:\n`).join(''),
      'yaml: line 352: exceeded max depth of 10000',
    ],
    ['a list without an end', 'a: 1\nb: [1,\n', "yaml: line 2: did not find expected ',' or ']'"],
    ['a tab', 'a:\n\tb: 1\n', 'yaml: line 2: found character that cannot start any token'],
    ['a mapping in a mapping', 'a: b: c\n', 'yaml: line 1: mapping values are not allowed in this context'],
  ])('refuses %s at once', (_case, text, message) => {
    expect(() => parseYaml(text)).toThrow(message);
  });
});

describe('decodeBody', () => {
  it('refuses JSON inside of protobuf that is none', () => {
    const kind = { apiVersion: 'apps/v1', kind: 'ControllerRevision' };
    const object = { ...kind, metadata: { name: 'a' }, data: { a: 'b' } };
    const body = protobufEnvelope(kind, protobufMessage(object));
    body[body.indexOf('"b"') + 1] = 1;
    expect(() => decodeBody(body, 'application/vnd.kubernetes.protobuf', 'ControllerRevision')).toThrow(
      expect.objectContaining({ code: 400 }),
    );
  });
});
