import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { Problem } from '#common/base/errors';
import { ETCD, KUBERNETES, KWOK, REFERENCE, STAGING } from './release';

/** What the reference runs, and the kubectl of its release. */
export const PROGRAMS = [
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  'kubectl',
  'etcd',
  'kwok',
] as const;
export type Program = (typeof PROGRAMS)[number];

const KUBERNETES_PROGRAMS = PROGRAMS.slice(0, 4);
const OLDEST_GO = [1, 26] as const;

/** Kept between runs, outside of the tree: PILOTHOUSE_REFERENCE_CACHE, or the user's cache folder. */
export function cacheFolder(env: NodeJS.ProcessEnv = process.env): string {
  const base = env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
  return env['PILOTHOUSE_REFERENCE_CACHE'] ?? join(base, 'pilothouse', 'reference');
}

export const programPath = (name: Program): string => join(cacheFolder(), REFERENCE, name);

/** True when every program is there: they arrive together or not at all. */
export const isBuilt = (): boolean => PROGRAMS.every((name) => existsSync(programPath(name)));

/** Builds the programs from their Go modules, once; fails with a Problem that says what is missing. */
export async function buildReference(log: (line: string) => void): Promise<void> {
  if (isBuilt()) return;
  await checkGo();
  const folder = join(cacheFolder(), `${REFERENCE}.building`);
  const output = join(folder, 'bin');
  await mkdir(output, { recursive: true });
  const started = performance.now();
  log(`building the reference (${REFERENCE}); this happens once and takes some minutes`);
  await buildKubernetes(folder, output, log);
  await buildKwok(folder, output, log);
  await rm(join(cacheFolder(), REFERENCE), { recursive: true, force: true });
  await rename(output, join(cacheFolder(), REFERENCE));
  await rm(folder, { recursive: true });
  log(`built in ${Math.round((performance.now() - started) / 1000)} s: ${await sizes()}`);
}

async function checkGo(): Promise<void> {
  const version = await run('go', ['env', 'GOVERSION'], { cwd: '/' }).catch(() => undefined);
  const [major = 0, minor = 0] =
    /go(\d+)\.(\d+)/
      .exec(version ?? '')
      ?.slice(1)
      .map(Number) ?? [];
  if (version && (major > OLDEST_GO[0] || minor >= OLDEST_GO[1])) return;
  throw new Problem('no-go', version ? `Go ${version} is too old for the reference.` : 'Go is not installed.', {
    nextStep: `Install Go ${OLDEST_GO.join('.')} or newer; the recorded comparison (npm run conformance -- --recorded) needs none.`,
  });
}

async function buildKubernetes(folder: string, output: string, log: (line: string) => void): Promise<void> {
  const cwd = join(folder, 'kubernetes');
  await mkdir(cwd, { recursive: true });
  const { Dir: source } = JSON.parse(
    await go(['mod', 'download', '-json', `k8s.io/kubernetes@${KUBERNETES}`], cwd),
  ) as {
    Dir: string;
  };
  const imports = [...KUBERNETES_PROGRAMS.map((name) => `k8s.io/kubernetes/cmd/${name}`), 'go.etcd.io/etcd/server/v3'];
  await writeFile(join(cwd, 'go.mod'), kubernetesModule(await readFile(join(source, 'go.mod'), 'utf8')));
  await writeFile(join(cwd, 'programs.go'), programsFile(imports));
  await go(['mod', 'tidy'], cwd);
  for (const name of KUBERNETES_PROGRAMS) {
    log(`building ${name}`);
    await go(['build', ...BUILD_FLAGS, '-ldflags', versionFlags(), '-o', output, `k8s.io/kubernetes/cmd/${name}`], cwd);
  }
  log('building etcd');
  await go(
    ['build', ...BUILD_FLAGS, '-ldflags', '-s -w', '-o', join(output, 'etcd'), 'go.etcd.io/etcd/server/v3'],
    cwd,
  );
}

async function buildKwok(folder: string, output: string, log: (line: string) => void): Promise<void> {
  log('building kwok');
  const cwd = join(folder, 'kwok');
  await mkdir(cwd, { recursive: true });
  await writeFile(join(cwd, 'go.mod'), `module reference/kwok\n\ngo 1.26.0\n\nrequire sigs.k8s.io/kwok ${KWOK}\n`);
  await writeFile(join(cwd, 'programs.go'), programsFile(['sigs.k8s.io/kwok/cmd/kwok']));
  await go(['mod', 'tidy'], cwd);
  await go(['build', ...BUILD_FLAGS, '-ldflags', '-s -w', '-o', output, 'sigs.k8s.io/kwok/cmd/kwok'], cwd);
}

const BUILD_FLAGS = ['-trimpath', '-p', '2'];

/** What `kubectl version` and /version tell. */
function versionFlags(): string {
  const [, minor] = KUBERNETES.split('.');
  const values = { gitVersion: KUBERNETES, gitMajor: '1', gitMinor: minor, gitTreeState: 'clean' };
  const flags = Object.entries(values).map(([name, value]) => `-X k8s.io/component-base/version.${name}=${value}`);
  return ['-s', '-w', ...flags].join(' ');
}

/** The requirements of Kubernetes itself; its own parts, which it replaces by folders, come from their modules. */
function kubernetesModule(original: string): string {
  const parts = [...original.matchAll(/^\s*(k8s\.io\/\S+) => \.\/staging/gm)].flatMap(([, name]) => name ?? []);
  const required = [...original.matchAll(/^\s+([a-z]\S+) (v\S+)(?: \/\/ indirect)?$/gm)]
    .filter(([, name]) => !parts.includes(name ?? ''))
    .map(([, name, version]) => `\t${name} ${version}`);
  const replaced = parts.map((name) => `\t${name} => ${name} ${STAGING}`);
  return [
    'module reference/kubernetes',
    '',
    'go 1.26.0',
    '',
    'godebug default=go1.26',
    '',
    `require k8s.io/kubernetes ${KUBERNETES}`,
    `require go.etcd.io/etcd/server/v3 ${ETCD}`,
    '',
    `require (\n${required.join('\n')}\n)`,
    '',
    `replace (\n${replaced.join('\n')}\n)`,
    '',
  ].join('\n');
}

/** Names the programs, so that what they need is kept by `go mod tidy`. */
function programsFile(imports: readonly string[]): string {
  return `//go:build programs\n\npackage reference\n\nimport (\n${imports.map((path) => `\t_ "${path}"`).join('\n')}\n)\n`;
}

const go = (args: string[], cwd: string) => run('go', args, { cwd, env: { CGO_ENABLED: '0', GOFLAGS: '-mod=mod' } });

/** Runs a program to its end and answers what it wrote; fails with the end of what it complained. */
function run(program: string, args: string[], options: { cwd: string; env?: Record<string, string> }): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: options.cwd, env: { ...process.env, ...options.env } });
    let out = '';
    let err = '';
    child.stdout.on('data', (part) => (out += part));
    child.stderr.on('data', (part) => (err += part));
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) return resolve(out.trim());
      const last = err.trim().split('\n').slice(-6).join('\n');
      reject(
        new Problem('reference-build', `${program} ${args.slice(0, 2).join(' ')} failed: ${last}`, {
          nextStep: 'What was built so far is kept; run the command again.',
        }),
      );
    });
  });
}

async function sizes(): Promise<string> {
  const each = PROGRAMS.map(async (name) => `${name} ${Math.round((await stat(programPath(name))).size / 2 ** 20)} MB`);
  return (await Promise.all(each)).join(', ');
}
