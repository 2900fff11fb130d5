import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { BUILD_FLAGS, checkGo, go, moduleFolder } from './go';
import { ETCD, KUBERNETES, KWOK, REFERENCE, stagingOf } from './release';

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

async function buildKubernetes(folder: string, output: string, log: (line: string) => void): Promise<void> {
  const cwd = join(folder, 'kubernetes');
  await kubernetesPrograms(cwd, KUBERNETES, [...KUBERNETES_PROGRAMS.map(commandPath), ETCD_SERVER]);
  for (const name of KUBERNETES_PROGRAMS) {
    log(`building ${name}`);
    await build(commandPath(name), { cwd, output, flags: versionFlags(KUBERNETES) });
  }
  log('building etcd');
  await build(ETCD_SERVER, { cwd, output: join(output, 'etcd') });
}

/** One more program, such as `kubectl-convert`, of the same or another release, built in `cwd` into the folder `output`. */
export async function buildKubernetesProgram(
  name: string,
  cwd: string,
  output: string,
  version = KUBERNETES,
): Promise<void> {
  await kubernetesPrograms(cwd, version, [commandPath(name)]);
  await build(commandPath(name), { cwd, output, flags: versionFlags(version) });
}

const ETCD_SERVER = 'go.etcd.io/etcd/server/v3';

const commandPath = (name: string): string => `k8s.io/kubernetes/cmd/${name}`;

/** Makes `cwd` a module in which those programs of a release can be built. */
async function kubernetesPrograms(cwd: string, version: string, imports: readonly string[]): Promise<void> {
  await mkdir(cwd, { recursive: true });
  const source = await moduleFolder(`k8s.io/kubernetes@${version}`, cwd);
  await writeFile(join(cwd, 'go.mod'), kubernetesModule(await readFile(join(source, 'go.mod'), 'utf8'), version));
  await writeFile(join(cwd, 'programs.go'), programsFile(imports));
  await go(['mod', 'tidy'], cwd);
}

interface Build {
  cwd: string;
  /** A file, or the folder for it. */
  output: string;
  /** For the linker. */
  flags?: string;
}

async function build(path: string, { cwd, output, flags = '-s -w' }: Build): Promise<void> {
  await go(['build', ...BUILD_FLAGS, '-ldflags', flags, '-o', output, path], cwd);
}

/** Builds a program of a module of its own (`sigs.k8s.io/kwok`, `v0.8.0`) in `cwd` into the folder `output`. */
export async function buildModuleProgram(
  program: { module: string; version: string; path: string; flags?: string },
  cwd: string,
  output: string,
): Promise<void> {
  const { module, version, path, flags } = program;
  await mkdir(cwd, { recursive: true });
  await writeFile(join(cwd, 'go.mod'), `module reference/program\n\ngo 1.26.0\n\nrequire ${module} ${version}\n`);
  await writeFile(join(cwd, 'programs.go'), programsFile([path]));
  await go(['mod', 'tidy'], cwd);
  await build(path, { cwd, output, ...(flags ? { flags } : {}) });
}

async function buildKwok(folder: string, output: string, log: (line: string) => void): Promise<void> {
  log('building kwok');
  const module = 'sigs.k8s.io/kwok';
  await buildModuleProgram({ module, version: KWOK, path: `${module}/cmd/kwok` }, join(folder, 'kwok'), output);
}

/** What `kubectl version` and /version tell. */
function versionFlags(version: string): string {
  const [, minor] = version.split('.');
  const values = { gitVersion: version, gitMajor: '1', gitMinor: minor, gitTreeState: 'clean' };
  const flags = Object.entries(values).map(([name, value]) => `-X k8s.io/component-base/version.${name}=${value}`);
  return ['-s', '-w', ...flags].join(' ');
}

/** The requirements of Kubernetes itself; its own parts, which it replaces by folders, come from their modules. */
function kubernetesModule(original: string, version: string): string {
  const parts = [...original.matchAll(/^\s*(k8s\.io\/\S+) => \.\/staging/gm)].flatMap(([, name]) => name ?? []);
  const required = [...original.matchAll(/^\s+([a-z]\S+) (v\S+)(?: \/\/ indirect)?$/gm)]
    .filter(([, name]) => !parts.includes(name ?? ''))
    .map(([, name, version]) => `\t${name} ${version}`);
  const replaced = parts.map((name) => `\t${name} => ${name} ${stagingOf(version)}`);
  return [
    'module reference/kubernetes',
    '',
    'go 1.26.0',
    '',
    'godebug default=go1.26',
    '',
    `require k8s.io/kubernetes ${version}`,
    // Only what is built beside the release's own etcd keeps it; `go mod tidy` takes it out elsewhere.
    ...(version === KUBERNETES ? [`require go.etcd.io/etcd/server/v3 ${ETCD}`] : []),
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

async function sizes(): Promise<string> {
  const each = PROGRAMS.map(async (name) => `${name} ${Math.round((await stat(programPath(name))).size / 2 ** 20)} MB`);
  return (await Promise.all(each)).join(', ');
}
