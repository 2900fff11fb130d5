import { describe, expect, it } from 'vitest';
import type { Client } from './client';
import { firstDifference } from './compare';
import { linesOf } from './normalise';
import { clientsSection, lineOf } from './results';

describe('what differs from run to run', () => {
  it.each([
    ['web-5f84b7585b-b4btb   1/1   Running   0   52s', 'web-HASH-RANDOM  1/1  Running  0  AGE'],
    ['Created new replica set "web-5f84b7585b"', 'Created new replica set "web-HASH"'],
    ['uid: 1ac12f3e-7e24-4c6f-9b3d-0123456789ab', 'uid: UID'],
    ['creationTimestamp: "2026-12-01T00:36:58Z"', 'creationTimestamp: "TIME"'],
    ['Service  10.96.141.233  80/TCP  2m40s', 'Service  IP  80/TCP  AGE'],
    ['pod/shop-migrate-7ssw4', 'pod/shop-migrate-RANDOM'],
    ['is running at https://127.0.0.1:36151', 'is running at https://SERVER'],
    ['--timeout=90s and settings-05 stay', '--timeout=90s and settings-05 stay'],
  ])('%j becomes %j', (text, expected) => {
    expect(linesOf(text)).toEqual([expected]);
  });
});

describe('firstDifference', () => {
  it('is none between the same lines', () => {
    expect(firstDifference(['$ a', 'one'], ['$ a', 'one'])).toBeUndefined();
  });

  it.each([
    { reference: ['$ a', 'one', '$ b', 'two'], sandbox: ['$ a', 'one', '$ b', '2'], under: '$ b', lines: ['two', '2'] },
    { reference: ['one'], sandbox: ['one', 'more'], under: '', lines: [undefined, 'more'] },
    { reference: ['one', 'more'], sandbox: ['one'], under: '', lines: ['more', undefined] },
  ])('of $reference and $sandbox stands under "$under"', ({ reference, sandbox, under, lines }) => {
    expect(firstDifference(reference, sandbox)).toEqual({ under, reference: lines[0], sandbox: lines[1] });
  });
});

describe('results', () => {
  const client = { name: 'one', title: 'One v1', does: 'a | b' } as Client;
  const passed = { client, seconds: 2.4, saw: ['x', 'y'], failure: undefined };
  const failed = { client, seconds: 1, saw: [], failure: 'first\nsecond' };

  it('are told line by line', () => {
    expect(lineOf(passed)).toBe('pass  one  2 lines equal  2 s');
    expect(lineOf(failed)).toBe('FAIL  one  1 s\n      first\nsecond');
  });

  it('make the table of the page', () => {
    expect(clientsSection([passed, failed]).split('\n')).toEqual([
      '2 clients: 1 passed, 1 failed.',
      '',
      '| client | what it does | result |',
      '| --- | --- | --- |',
      String.raw`| One v1 | a \| b | pass: 2 lines equal |`,
      String.raw`| One v1 | a \| b | first second |`,
    ]);
  });
});
