import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { KeptSandboxes } from './kept-sandbox';

let folder: string;
beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'pilothouse-kept-'))));
afterEach(() => rm(folder, { recursive: true, force: true }));

const demo = { name: 'demo', nodes: 3, scenario: 'starter', created: 1 };

describe('kept sandboxes', () => {
  it('are made once, whole, however many make them', async () => {
    const sandboxes = new KeptSandboxes(join(folder, 'sandboxes'));
    const made = [1, 2, 3, 4].map((nodes) => sandboxes.create({ ...demo, nodes }));
    const seen = [1, 2, 3, 4].map(() => sandboxes.read('demo'));
    const winners = (await Promise.all(made)).flatMap((isMine, at) => (isMine ? [at + 1] : []));
    expect(winners).toHaveLength(1);
    for (const one of await Promise.all(seen)) expect(one ?? { nodes: 0 }).toHaveProperty('nodes');
    expect(await sandboxes.read('demo')).toMatchObject({ nodes: winners[0] });
    expect(await readdir(sandboxes.folder)).toEqual(['demo']);
  });

  it('say what is missing in a folder that is not whole', async () => {
    const sandboxes = new KeptSandboxes(folder);
    await mkdir(join(folder, 'demo'));
    expect(await sandboxes.read('demo')).toMatchObject({ damage: expect.stringContaining('is missing') });
    expect(await sandboxes.read('other')).toBeUndefined();
  });
});
