import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { builtOnce } from '../clients/built-once';
import { buildReference, isBuilt, programPath, PROGRAMS, type Program } from './binaries';
import { runningReference, startReference, stopReference } from './control-plane';
import { REFERENCE } from './release';

/** What goes wrong around the reference, with programs that stand in for those of Kubernetes and for Go. */
const standIn = (name: string) => join(import.meta.dirname, 'stand-in', name);

// Processes start slowly on a busy computer.
vi.setConfig({ testTimeout: 60_000 });

let cache: string;
const said: string[] = [];
const log = (line: string) => void said.push(line);

beforeEach(async () => {
  cache = await mkdtemp(join(tmpdir(), 'pilothouse-reference-test-'));
  said.length = 0;
  vi.stubEnv('PILOTHOUSE_REFERENCE_CACHE', cache);
});

afterEach(async () => {
  await stopReference();
  vi.unstubAllEnvs();
  await rm(cache, { recursive: true, force: true });
});

async function install(): Promise<void> {
  await mkdir(dirname(programPath('etcd')), { recursive: true });
  for (const name of PROGRAMS) await copyFile(standIn('program.mjs'), programPath(name));
}

const shall = (name: Program, does: string) => writeFile(`${programPath(name)}.does`, does);

/** Puts nothing but Node and perhaps a Go on the path. */
async function withGo(env: Record<string, string> | undefined): Promise<void> {
  const folder = join(cache, 'path');
  await mkdir(folder);
  await symlink(process.execPath, join(folder, 'node'));
  if (env) await symlink(standIn('go.mjs'), join(folder, 'go'));
  vi.stubEnv('PATH', folder);
  for (const [name, value] of Object.entries(env ?? {})) vi.stubEnv(name, value);
}

/** Processes that still run one of the programs in this cache. */
async function leftRunning(): Promise<string[]> {
  const child = spawn('ps', ['-ww', '-eo', 'command=']);
  let text = '';
  child.stdout.on('data', (part) => (text += part));
  await once(child, 'close');
  return text.split('\n').filter((line) => line.includes(join(cache, REFERENCE)));
}

describe('building the reference', () => {
  it.each([
    [undefined, 'Go is not installed.'],
    [{ GO_VERSION: 'go1.24.3' }, 'Go go1.24.3 is too old for the reference.'],
    [{ GO_FAILS_AT: 'kube-scheduler' }, 'go build failed: main.go:7:2: undefined: everything'],
  ])('with %j says: %s', async (env, sentence) => {
    await withGo(env);
    await expect(buildReference(log)).rejects.toMatchObject({
      message: sentence,
      nextStep: expect.any(String),
    });
    expect(isBuilt()).toBe(false);
  });

  it('builds everything anew where a part of it is missing', async () => {
    await install();
    await rm(programPath('kwok'));
    await expect(startReference(log)).rejects.toMatchObject({ message: 'The reference is not built yet.' });
    await withGo({});
    await buildReference(log);
    expect(isBuilt()).toBe(true);
    expect(await readFile(programPath('etcd'), 'utf8')).toBe('');
  });
});

describe('building a client', () => {
  const program = { name: 'one', version: 'v1', log };

  it('leaves nothing that would be taken for it when the build fails', async () => {
    await withGo({});
    const failing = builtOnce(program, async (_, output) => {
      await writeFile(join(output, 'half'), '');
      throw new Error('no more room');
    });
    await expect(failing).rejects.toThrow('no more room');
    const path = await builtOnce(program, async (_, output) => {
      await expect(readFile(join(output, 'half'))).rejects.toThrow('ENOENT');
      await writeFile(join(output, 'one'), 'whole');
    });
    expect(await readFile(path, 'utf8')).toBe('whole');
    expect(await builtOnce(program, () => Promise.reject(new Error('built again')))).toBe(path);
  });

  it('asks for Go only where something is to be built', async () => {
    await withGo(undefined);
    await expect(builtOnce(program, () => Promise.resolve())).rejects.toThrow('Go is not installed.');
  });
});

describe('starting the reference', () => {
  beforeEach(install);

  it('starts all of it, joins what runs, and ends all of it', async () => {
    const started = await startReference(log);
    expect(Object.keys(started.pids)).toEqual(PROGRAMS.filter((name) => name !== 'kubectl').sort(byStart));
    expect(await startReference(log)).toEqual(started);
    await stopReference();
    expect(await runningReference()).toBeUndefined();
    expect(await leftRunning()).toEqual([]);
  });

  it.each(['etcd', 'kube-apiserver', 'kube-scheduler'] as const)(
    'takes other ports where that of %s was taken',
    async (name) => {
      await shall(name, 'taken-once');
      await startReference(log);
      expect(said).toContain(`The reference's ${name} found its port taken. Trying others.`);
      expect((await leftRunning()).length).toBe(5);
    },
  );

  it.each(['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler'] as const)(
    'says that %s ended, and leaves nothing running',
    async (name) => {
      await shall(name, 'dies');
      const words = join(cache, 'run-whole', `${name}.log`);
      await expect(startReference(log)).rejects.toMatchObject({
        message: `The reference's ${name} ended; its last words are in ${words}.`,
      });
      expect(await readFile(words, 'utf8')).toContain('has had enough');
      expect(await leftRunning()).toEqual([]);
    },
  );

  it('says that a program cannot be run, and leaves nothing running', async () => {
    await rm(programPath('kube-apiserver'));
    await writeFile(programPath('kube-apiserver'), 'no program', { mode: 0o644 });
    await expect(startReference(log)).rejects.toMatchObject({ code: 'reference-start' });
    expect(await leftRunning()).toEqual([]);
  });

  it('ends no process that has got the number of one of its own', async () => {
    const { pids, ...rest } = await startReference(log);
    const file = join(cache, 'run-whole', 'running.json');
    await stopReference();
    const stranger: ChildProcess = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    try {
      await writeFile(file, JSON.stringify({ ...rest, pids: { ...pids, 'kube-apiserver': stranger.pid } }));
      expect(await runningReference()).toBeUndefined();
      await stopReference();
      expect(stranger.exitCode ?? stranger.signalCode).toBeNull();
    } finally {
      stranger.kill();
    }
  });
});

const byStart = (left: Program, right: Program) => ORDER.indexOf(left) - ORDER.indexOf(right);
const ORDER: readonly Program[] = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kwok'];
