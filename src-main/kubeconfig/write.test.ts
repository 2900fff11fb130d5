import { mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { mergeIntoFile, removeFromFile } from './write';

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kubeconfig-'));
  path = join(folder, 'kube', 'config');
});
afterEach(() => rm(folder, { recursive: true }));

const sandbox = (server = 'https://127.0.0.1:1') => `apiVersion: v1
kind: Config
current-context: sandbox
clusters:
  - name: sandbox
    cluster:
      server: ${server}
users:
  - name: sandbox
    user:
      token: secret
contexts:
  - name: sandbox
    context:
      cluster: sandbox
      user: sandbox
`;

const existing = `# my clusters
apiVersion: v1
kind: Config
current-context: work # the usual one
clusters:
- cluster: # production
    server: https://work
  name: work
users: []
contexts:
- context: {cluster: work, user: ""}
  name: work
preferences: {}
`;

describe('merging into a kubeconfig file', () => {
  it('makes a file only its owner can read', async () => {
    await mergeIntoFile(path, sandbox());
    expect(parse(await readFile(path, 'utf8'))).toEqual(parse(sandbox()));
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readdir(join(folder, 'kube'))).toEqual(['config']);
  });

  it('keeps everything else: comments, order, current context, mode, and the link it is behind', async () => {
    const real = join(folder, 'real');
    await writeFile(real, existing, { mode: 0o640 });
    path = join(folder, 'link');
    await symlink(real, path);
    await mergeIntoFile(path, sandbox());
    const text = await readFile(real, 'utf8');
    for (const kept of ['# my clusters', 'current-context: work # the usual one', '# production', 'preferences: {}']) {
      expect(text).toContain(kept);
    }
    expect(parse(text)).toMatchObject({
      'current-context': 'work',
      clusters: [{ name: 'work' }, { name: 'sandbox' }],
      users: [{ name: 'sandbox' }],
      contexts: [{ name: 'work' }, { name: 'sandbox' }],
    });
    expect((await stat(real)).mode & 0o777).toBe(0o640);
    await removeFromFile(path, 'sandbox');
    const after = await readFile(real, 'utf8');
    expect(parse(after)).toEqual(parse(existing));
    expect(after).toContain('\n- cluster:');
  });

  it('refuses a name that stands for something else, unless told to replace it', async () => {
    await mergeIntoFile(path, sandbox());
    await mergeIntoFile(path, sandbox());
    await expect(mergeIntoFile(path, sandbox('https://127.0.0.1:2'))).rejects.toMatchObject({
      code: 'context-name-taken',
    });
    await mergeIntoFile(path, sandbox('https://127.0.0.1:2'), { replace: true });
    expect(parse(await readFile(path, 'utf8'))).toEqual(parse(sandbox('https://127.0.0.1:2')));
  });

  it('leaves a file that is not YAML alone', async () => {
    path = join(folder, 'broken');
    await writeFile(path, 'clusters: [');
    await expect(mergeIntoFile(path, sandbox())).rejects.toMatchObject({ code: 'kubeconfig-not-yaml' });
    expect(await readFile(path, 'utf8')).toBe('clusters: [');
  });

  it('loses nothing when several write at once', async () => {
    const names = ['a', 'b', 'c', 'd'];
    await mergeIntoFile(path, sandbox());
    await Promise.all(names.map((name) => mergeIntoFile(path, sandbox().replaceAll('sandbox', name))));
    const { contexts } = parse(await readFile(path, 'utf8'));
    expect(contexts.map((context: { name: string }) => context.name).sort()).toEqual([...names, 'sandbox']);
  });
});

describe('removing from a kubeconfig file', () => {
  it('keeps a cluster that another context uses', async () => {
    await mergeIntoFile(path, sandbox());
    await mergeIntoFile(path, `contexts: [{ name: second, context: { cluster: sandbox, user: other } }]`);
    expect(await removeFromFile(path, 'sandbox')).toBe(true);
    expect(parse(await readFile(path, 'utf8'))).toMatchObject({
      'current-context': '',
      clusters: [{ name: 'sandbox' }],
      users: [],
      contexts: [{ name: 'second' }],
    });
  });

  it('says when there was nothing to remove', async () => {
    expect(await removeFromFile(path, 'sandbox')).toBe(false);
    await mergeIntoFile(path, sandbox());
    expect(await removeFromFile(path, 'other')).toBe(false);
  });
});
