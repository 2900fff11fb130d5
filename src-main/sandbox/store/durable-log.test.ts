import { appendFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '#common/base/clock';
import { DurableLog } from './durable-log';
import { ABSENT, Store } from './store';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'durable-log-'));
});
afterEach(() => rm(folder, { recursive: true }));

const configMap = (name: string, value = '') => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, uid: name, resourceVersion: '', creationTimestamp: '' },
  data: { value },
});

async function openStore(options: Parameters<typeof DurableLog.open>[1] = {}) {
  const log = await DurableLog.open(folder, options);
  return new Store({ clock: new ManualClock(), log });
}

const names = (store: Store) =>
  store
    .collection('configmaps')
    .list()
    .map(({ key }) => key);

describe('a durable log', () => {
  it('gives back every acknowledged write, in a process that knows nothing of the first one', async () => {
    const first = await openStore();
    const maps = first.collection('configmaps');
    const a = first.put(maps, 'a', configMap('a'), ABSENT);
    first.put(maps, 'b', configMap('b'), ABSENT);
    first.put(maps, 'a', configMap('a', 'new'), a.revision);
    first.delete(maps, 'b', 3);
    await first.settled(maps);

    // Not closed: as after kill -9.
    const second = await openStore();
    expect(names(second)).toEqual(['a']);
    expect(second.collection('configmaps').get('a')?.object).toEqual({
      ...configMap('a', 'new'),
      metadata: { ...configMap('a').metadata, resourceVersion: '4' },
    });
    await first.close();
    await second.close();
  });

  it('goes on behind every revision it may have told', async () => {
    const first = await openStore();
    first.put(first.collection('configmaps'), 'a', configMap('a'), ABSENT);
    await first.close();
    const second = await openStore();
    expect(second.revision).toBeGreaterThan(first.revision);
    expect(second.collection('configmaps').compacted).toBe(second.revision);
    await second.close();
  });

  it('cuts off a torn end and says so', async () => {
    const first = await openStore();
    first.put(first.collection('configmaps'), 'a', configMap('a'), ABSENT);
    await first.close();
    await appendFile(join(folder, 'log-00000000.jsonl'), '12345678 {"c":"configmaps","k":"b","r":3,"o":{"kin');

    const messages: string[] = [];
    const second = await openStore({ onMessage: (message) => messages.push(message) });
    expect(names(second)).toEqual(['a']);
    expect(messages).toEqual([
      expect.stringMatching(/^log-00000000.jsonl is damaged at byte \d+ of \d+: its unfinished/),
    ]);
    second.put(second.collection('configmaps'), 'b', configMap('b'), ABSENT);
    await second.close();
    const third = await openStore();
    expect(names(third)).toEqual(['a', 'b']);
    await third.close();
  });

  it.each([
    ['does not begin as it should', (log: string) => `garbage${log}`],
    ['is damaged in its middle', (log: string) => log.replace('"value":"one"', '"value":"two"')],
  ])('refuses a log that %s and leaves it alone', async (_case, damage) => {
    const first = await openStore();
    first.put(first.collection('configmaps'), 'a', configMap('a', 'one'), ABSENT);
    first.put(first.collection('configmaps'), 'b', configMap('b'), ABSENT);
    await first.close();
    const path = join(folder, 'log-00000000.jsonl');
    const text = damage(await readFile(path, 'utf8'));
    await writeFile(path, text);

    await expect(openStore()).rejects.toMatchObject({ code: 'sandbox-damaged' });
    expect(await readFile(path, 'utf8')).toBe(text);
  });

  it('begins a new generation when the log has grown, and reads it back', async () => {
    const first = await openStore({ compactAboveBytes: 2_000 });
    const maps = first.collection('configmaps');
    for (let i = 0; i < 50; i++) {
      first.put(maps, `c${i}`, configMap(`c${i}`, 'x'.repeat(100)), ABSENT);
      await first.settled(maps);
    }
    await first.close();
    const files = (await readdir(folder)).sort();
    expect(files).toHaveLength(2);
    expect(files[1]).toMatch(/^snapshot-0000000[1-9]/);
    const second = await openStore();
    expect(names(second)).toEqual(names(first));
    await second.close();
  });

  it('goes on in the same words when a snapshot cannot be written, and says so', async () => {
    // A folder stands where the first snapshot would be.
    await mkdir(join(folder, 'snapshot-00000001.jsonl.new'));
    const messages: string[] = [];
    const first = await openStore({ compactAboveBytes: 2_000, onMessage: (message) => messages.push(message) });
    const maps = first.collection('configmaps');
    for (let i = 0; i < 40; i++) {
      first.put(maps, `c${i}`, configMap(`c${i}`, 'x'.repeat(100)), ABSENT);
      await first.settled(maps);
    }
    await first.close();
    expect(messages).toContainEqual(expect.stringMatching(/could not be rewritten: EISDIR/));
    const second = await openStore();
    expect(names(second)).toEqual(names(first));
    await second.close();
  });
});
