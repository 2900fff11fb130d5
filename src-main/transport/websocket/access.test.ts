import { describe, expect, it } from 'vitest';
import { judge, type RequestHead } from './access';

const rules = { port: 4000, key: 'the-key', ticket: 'the-ticket' };
const head = (over: Partial<RequestHead> = {}): RequestHead => ({
  method: 'GET',
  url: '/',
  host: '127.0.0.1:4000',
  origin: undefined,
  cookie: 'pilothouse-4000=the-ticket',
  ...over,
});
const verdict = (over: Partial<RequestHead>, upgrade = false) => {
  const answer = judge(head(over), rules, upgrade);
  return answer.kind === 'refuse' ? answer.status : answer.kind;
};

describe('judge', () => {
  it.each<[string, Partial<RequestHead>, boolean, string | number]>([
    ['a page with the cookie', {}, false, 'allow'],
    ['localhost too', { host: 'localhost:4000' }, false, 'allow'],
    ['another name that points here', { host: 'evil.example:4000' }, false, 421],
    ['another port of this computer', { host: '127.0.0.1:4001' }, false, 421],
    ['no Host at all', { host: undefined }, false, 421],
    ['no cookie', { cookie: undefined }, false, 401],
    ['a wrong cookie', { cookie: 'pilothouse-4000=the-tickex' }, false, 401],
    ['a shorter cookie', { cookie: 'pilothouse-4000=the' }, false, 401],
    ['the cookie of another port', { cookie: 'pilothouse-4001=the-ticket' }, false, 401],
    ['the cookie among others', { cookie: 'a=b; pilothouse-4000=the-ticket; c=d' }, false, 'allow'],
    ['the key', { cookie: undefined, url: '/?key=the-key' }, false, 'exchange'],
    ['the key on another path', { cookie: undefined, url: '/index.js?key=the-key' }, false, 401],
    ['a wrong key', { cookie: undefined, url: '/?key=nope' }, false, 401],
    ['the ticket as key', { cookie: undefined, url: '/?key=the-ticket' }, false, 401],
    ['an old key beside the cookie', { url: '/?key=old' }, false, 'exchange'],
    ['another site', { origin: 'https://evil.example' }, false, 403],
    ['another port as origin', { origin: 'http://127.0.0.1:4001' }, false, 403],
    ['its own origin', { origin: 'http://127.0.0.1:4000' }, false, 'allow'],
    ['an opaque origin', { origin: 'null' }, false, 403],
    ['a POST', { method: 'POST' }, false, 405],
    ['an upgrade from its own page', { origin: 'http://127.0.0.1:4000' }, true, 'allow'],
    ['an upgrade without origin', {}, true, 403],
    [
      'an upgrade with the key only',
      { origin: 'http://127.0.0.1:4000', cookie: undefined, url: '/?key=the-key' },
      true,
      401,
    ],
    ['an address that cannot be read', { url: '//' }, false, 400],
  ])('%s', (_case, over, upgrade, expected) => {
    expect(verdict(over, upgrade)).toBe(expected);
  });

  it('answers the path without the query', () => {
    expect(judge(head({ url: '/assets/a.js?x=1' }), rules)).toEqual({ kind: 'allow', path: '/assets/a.js' });
  });
});
