import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ensureBuilt, finished, freePort, Home } from '#test/harness/program';

/** The command line as a person types it: every command is a process of its own. */

interface Listed {
  name: string;
  state: string;
  nodes?: number;
  ephemeral: boolean;
  url?: string;
  message?: string;
}

let home: Home;

beforeAll(() => ensureBuilt('host'));
beforeEach(async () => {
  home = await Home.create();
});
afterEach(() => home[Symbol.asyncDispose]());

const list = async () => JSON.parse((await home.run('sandbox', 'list', '--json')).out) as Listed[];
const pidOf = async (name: string) => {
  const text = await readFile(join(home.folder, 'pilothouse', 'running', `${name}.json`), 'utf8');
  return (JSON.parse(text) as { pid: number }).pid;
};

describe('pilothouse sandbox', () => {
  it('starts a cluster whose API answers, joins it, stops it, and opens it again at the same address', async () => {
    const started = await home.run('sandbox', 'start', 'demo', '--nodes', '2');
    expect(started).toMatchObject({ code: 0, err: '' });
    const url = /https:\/\/127\.0\.0\.1:\d+/.exec(started.out)?.[0];
    expect(started.out).toContain('Its context is called demo.');
    expect(await list()).toEqual([{ name: 'demo', state: 'running', nodes: 2, ephemeral: false, url }]);

    const pid = await pidOf('demo');
    const again = await home.run('sandbox', 'start', 'demo');
    expect(again.out).toContain(`Sandbox cluster demo already runs at ${url}`);
    expect(await pidOf('demo')).toBe(pid);

    expect((await home.run('sandbox', 'kubeconfig', 'demo')).out).toContain(`server: ${url}`);
    expect(await home.run('sandbox', 'stop', 'demo')).toMatchObject({ code: 0, err: '' });
    expect(await list()).toEqual([{ name: 'demo', state: 'stopped', nodes: 2, ephemeral: false }]);

    const reopened = await home.run('sandbox', 'start', 'demo');
    expect(reopened.out).toContain(`runs at ${url}`);
  });

  it('takes the place of a process that was killed', async () => {
    await home.run('sandbox', 'start', 'demo');
    process.kill(await pidOf('demo'), 'SIGKILL');
    await expect.poll(async () => (await list())[0]?.state).toBe('stopped');
    expect(await home.run('sandbox', 'start', 'demo')).toMatchObject({ code: 0, err: '' });
  });

  it('opens a cluster once, however many start it at the same time', async () => {
    const starts = await Promise.all([1, 2, 3].map(() => home.run('sandbox', 'start', 'demo')));
    expect(starts.map(({ code }) => code)).toEqual([0, 0, 0]);
    const urls = new Set(starts.map(({ out }) => /https:\/\/\S+\d/.exec(out)?.[0]));
    expect(urls.size).toBe(1);
  });

  it('keeps nothing of an ephemeral cluster', async () => {
    const { out } = await home.run('sandbox', 'start', 'demo', '--ephemeral');
    expect(out).toContain('nothing is kept');
    await home.run('sandbox', 'stop', 'demo');
    expect(await list()).toEqual([]);
  });

  it('writes a kubeconfig that only its owner can read', async () => {
    const file = join(home.folder, 'own.yaml');
    const { out } = await home.run('sandbox', 'start', 'demo', '--ephemeral', '--write-kubeconfig', file);
    expect(out).toContain(`kubectl --kubeconfig ${file}`);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  });

  it('adds its context to a kubeconfig without touching the rest, and takes it away when it is deleted', async () => {
    await writeFile(home.kubeconfig, `# mine\n${otherContext}`);
    await home.run('sandbox', 'start', 'demo', '--merge-kubeconfig');
    const merged = await readFile(home.kubeconfig, 'utf8');
    expect(merged).toContain('# mine');
    expect(merged).toContain('current-context: prod');
    expect(merged).toContain('name: demo');
    await home.run('sandbox', 'stop', 'demo');
    expect((await home.run('sandbox', 'start', 'demo', '--merge-kubeconfig')).code).toBe(0);
    await home.run('sandbox', 'delete', 'demo');
    expect(await readFile(home.kubeconfig, 'utf8')).not.toContain('demo');
  });

  it('serves from the terminal until Ctrl-C', async () => {
    const child = home.spawn('sandbox', 'start', 'demo', '--foreground', '--ephemeral');
    const ended = finished(child);
    await new Promise<void>((serving) => {
      child.stderr?.on('data', (part) => String(part).includes('nodes are Ready') && serving());
    });
    expect((await list())[0]).toMatchObject({ name: 'demo', state: 'running', ephemeral: true });
    child.kill('SIGINT');
    expect(await ended).toMatchObject({ code: 0, err: expect.stringMatching(/stopping[\s\S]*stopped/) });
    expect(await list()).toEqual([]);
  });

  it('says what is wrong with a damaged cluster, keeps its folder and offers another name', async () => {
    const folder = join(home.folder, 'pilothouse', 'sandboxes', 'demo');
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'sandbox.json'), '{ "name": "de');
    const { code, err } = await home.run('sandbox', 'start', 'demo');
    expect(code).toBe(1);
    expect(err).toContain('The sandbox cluster demo is damaged: its sandbox.json is not JSON.');
    expect(err).toContain(`Its folder is kept as it is: ${folder}. Start a new one with another name, such as demo-2.`);
    expect(await readFile(join(folder, 'sandbox.json'), 'utf8')).toBe('{ "name": "de');
    expect(await list()).toMatchObject([{ name: 'demo', state: 'damaged' }]);
  });

  it('refuses a port that is taken, and leaves nothing behind', async () => {
    const port = await freePort();
    const other = createServer();
    await new Promise<void>((listening) => other.listen(port, '127.0.0.1', listening));
    const { code, err } = await home.run('sandbox', 'start', 'demo', '--port', String(port));
    other.close();
    expect(code).toBe(2);
    expect(err).toContain(`Port ${port} is taken by another program.`);
    expect(await list()).toEqual([]);
  });

  it('refuses settings for a cluster that is there already', async () => {
    await home.run('sandbox', 'start', 'demo', '--nodes', '1');
    const { code, err } = await home.run('sandbox', 'start', 'demo', '--nodes', '5');
    expect(code).toBe(2);
    expect(err).toContain('There already is a sandbox cluster called demo.');
  });

  it.each([
    [['sandbox', 'stop', 'nobody'], 'There is no sandbox cluster called nobody.'],
    [['sandbox', 'kubeconfig', 'nobody'], 'There is no sandbox cluster called nobody.'],
    [['sandbox', 'start', 'demo', '--nodes', 'many'], '--nodes takes a whole number from 1 to 5000, not "many".'],
    [['sandbox', 'start', 'demo', '--scenario', 'nowhere', '--ephemeral'], 'nowhere'],
    [['fly'], 'There is no command "fly".'],
  ])('exits with 2 and says why: %j', async (args, message) => {
    const { code, err } = await home.run(...args);
    expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining(message) });
  });
});

const otherContext = `apiVersion: v1
kind: Config
current-context: prod
clusters:
  - name: prod
    cluster: { server: https://prod.example }
users:
  - name: ada
    user: { token: none }
contexts:
  - name: prod
    context: { cluster: prod, user: ada }
`;
