import { describe, expect, it } from 'vitest';
import { podKind } from '#common/kinds/pod';
import { pod } from '#test/fixtures/pods';
import { parseFilter } from './filter';
import { rowOf } from './row';

const HOUR = 3_600_000;
const now = 100 * HOUR;
const rows = [
  pod({
    name: 'web-1',
    namespace: 'shop',
    labels: { app: 'web', tier: 'front' },
    node: 'node-1',
    created: now - HOUR / 2,
  }),
  pod({
    name: 'web-2',
    namespace: 'shop',
    labels: { app: 'web' },
    node: 'node-2',
    waiting: 'CrashLoopBackOff',
    restarts: 6,
  }),
  pod({ name: 'db-0', namespace: 'data', labels: { app: 'db' }, node: 'node-10', image: 'registry/postgres:17' }),
  pod({ name: 'job-x', namespace: 'batch', labels: {}, phase: 'Succeeded', image: 'busybox' }),
].map((object) => rowOf(object, podKind));

const passing = (filter: string) => {
  const { test } = parseFilter(filter, podKind);
  return rows.filter((row) => test(row, now)).map(({ name }) => name);
};

describe('parseFilter', () => {
  it.each<[string, string[]]>([
    ['', ['web-1', 'web-2', 'db-0', 'job-x']],
    ['   ', ['web-1', 'web-2', 'db-0', 'job-x']],
    ['web', ['web-1', 'web-2']],
    ['WEB', ['web-1', 'web-2']],
    ['web node-2', ['web-2']],
    ['!web', ['db-0', 'job-x']],
    ['ns:shop', ['web-1', 'web-2']],
    ['ns:shop,data', ['web-1', 'web-2', 'db-0']],
    ['ns:*a*', ['db-0', 'job-x']],
    ['ns:sho', []],
    ['!ns:shop', ['db-0', 'job-x']],
    ['name:web-*', ['web-1', 'web-2']],
    ['label:tier', ['web-1']],
    ['!label:tier', ['web-2', 'db-0', 'job-x']],
    ['label:app=web', ['web-1', 'web-2']],
    ['label:app=web,db', ['web-1', 'web-2', 'db-0']],
    ['label:app!=web', ['db-0', 'job-x']],
    ['status:not-ok', ['web-2']],
    ['status:crash', ['web-2']],
    ['status:bad,done', ['web-2', 'job-x']],
    ['status:running', ['web-1', 'db-0']],
    ['node:node-1', ['web-1', 'job-x']],
    ['node:node-1*', ['web-1', 'db-0', 'job-x']],
    ['image:postgres', ['db-0']],
    ['age<1h', ['web-1']],
    ['age>=1h', ['web-2', 'db-0', 'job-x']],
    ['age<1h30m ns:shop', ['web-1']],
    ['restarts>3', ['web-2']],
    ['restarts<=0', ['web-1', 'db-0', 'job-x']],
    ['/^web-\\d$/', []],
    ['/web-\\d/', ['web-1', 'web-2']],
    ['/POSTGRES:\\d+/i', ['db-0']],
    ['!/web|db/', ['job-x']],
    ['status:not-ok or label:tier=front', ['web-1', 'web-2']],
    ['ns:shop node:node-2 or ns:data', ['web-2', 'db-0']],
    ['or web or', ['web-1', 'web-2']],
    ['"nginx:1.27"', ['web-1', 'web-2']],
    ['nginx:1.27', ['web-1', 'web-2']],
    ['"!web"', []],
  ])('%j', (filter, expected) => {
    expect(passing(filter)).toEqual(expected);
  });

  it.each<[string, string]>([
    ['/(/', '/(/: this is not a regular expression'],
    ['/a/g', '/a/g: the only flag is i'],
    ['age<soon', 'age<soon: write an age as 30s, 5m, 1h, 2d or 1w'],
    ['restarts>many', 'restarts>many: many is not a number'],
    ['colour>3', 'colour>3: there is no column colour'],
    ['ns:', 'ns:: it names nothing yet'],
  ])('leaves %j out and says why', (filter, problem) => {
    expect(parseFilter(filter, podKind).problem).toBe(problem);
    expect(passing(`${filter} web-1`)).toEqual(['web-1']);
  });

  it('knows when time alone changes what passes', () => {
    expect([parseFilter('web age<5m', podKind).timed, parseFilter('web', podKind).timed]).toEqual([true, false]);
  });
});
