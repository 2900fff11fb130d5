import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Preferences } from './preferences';

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pilothouse-preferences-'));
  path = join(folder, 'deep', 'preferences.json');
});
afterEach(() => rm(folder, { recursive: true }));

describe('Preferences', () => {
  it('keeps values between two starts and leaves nothing else behind', async () => {
    await new Preferences(path).save({ theme: 'dark', layout: { sidebar: 220 } });
    expect(await new Preferences(path).all()).toEqual({ theme: 'dark', layout: { sidebar: 220 } });
    expect(await readdir(join(folder, 'deep'))).toEqual(['preferences.json']);
  });

  it('merges by key and forgets what is set to null', async () => {
    const preferences = new Preferences(path);
    await preferences.save({ theme: 'dark', language: 'zh' });
    await preferences.save({ theme: null });
    expect(await preferences.all()).toEqual({ language: 'zh' });
  });

  it('writes in the order of the calls', async () => {
    const preferences = new Preferences(path);
    await Promise.all(Array.from({ length: 20 }, (_, n) => preferences.save({ n })));
    expect(JSON.parse(await readFile(path, 'utf8'))).toEqual({ n: 19 });
  });

  it('puts a damaged file aside and starts anew', async () => {
    await new Preferences(path).save({ a: 1 });
    await writeFile(path, '{"a":');
    expect(await new Preferences(path).all()).toEqual({});
    expect(await readFile(`${path}.damaged`, 'utf8')).toBe('{"a":');
  });

  it('takes a key like any other, whatever it is called', async () => {
    const preferences = new Preferences(path);
    await preferences.save(JSON.parse('{"__proto__": {"polluted": true}}'));
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });
});
