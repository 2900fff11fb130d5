import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '#main/base/system-clock';
import { SandboxRecords, type SandboxRecord } from './record';

let folder: string;
let records: SandboxRecords;
const record = (token: string): SandboxRecord => ({ name: 'demo', pid: 1, started: 0, control: { port: 1, token } });
const dead = async () => false;
const alive = async () => true;

beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), 'pilothouse-records-')), 'running');
  records = new SandboxRecords(folder, systemClock);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('SandboxRecords', () => {
  it('gives a free name to who claims it', async () => {
    expect(await records.claim(record('a'), alive)).toBeUndefined();
    expect(await records.read('demo')).toEqual(record('a'));
    expect(await records.names()).toEqual(['demo']);
  });

  it('answers the record of the process that lives', async () => {
    await records.claim(record('a'), alive);
    expect(await records.claim(record('b'), alive)).toEqual(record('a'));
    expect(await records.read('demo')).toEqual(record('a'));
  });

  it('takes the place of a process that has died', async () => {
    await records.claim(record('a'), alive);
    expect(await records.claim(record('b'), dead)).toBeUndefined();
    expect(await records.read('demo')).toEqual(record('b'));
  });

  it('gives a name that many claim at once to one of them', async () => {
    const tokens = ['a', 'b', 'c', 'd', 'e', 'f'];
    const answers = await Promise.all(tokens.map((token) => records.claim(record(token), alive)));
    const winner = tokens.filter((_, index) => answers[index] === undefined);
    expect(winner).toHaveLength(1);
    expect(await records.read('demo')).toEqual(record(winner[0]!));
  });

  it('takes a record away only for its own process', async () => {
    await records.claim(record('a'), alive);
    await records.drop(record('b'));
    expect(await records.read('demo')).toEqual(record('a'));
    await records.drop(record('a'));
    expect(await records.read('demo')).toBeUndefined();
  });

  it.each(['', '{', '{"name":"demo"}', '[]'])('takes the place of a file that holds %j', async (text) => {
    await records.claim(record('a'), alive);
    await writeFile(join(folder, 'demo.json'), text);
    expect(await records.claim(record('b'), alive)).toBeUndefined();
    expect(await records.read('demo')).toEqual(record('b'));
  });

  it('knows no names where nothing ever ran, and leaves no locks behind', async () => {
    expect(await records.names()).toEqual([]);
    await records.claim(record('a'), alive);
    expect(await readdir(folder)).toEqual(['demo.json']);
  });
});
