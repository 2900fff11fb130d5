import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { call, type CallResult } from '../../clients/command-line';
import { linesOf } from '../../clients/normalise';
import type { Chapter, SpecialLine } from './chapter';

/** A cluster as chapters see it. */
export interface ChapterCluster {
  /** For an administrator. */
  kubeconfig: string;
  /** For what chapters write. */
  folder: string;
}

export const namespaceOf = ({ name }: Chapter): string => `k-${name}`;

/** A line and what was said to it. */
export interface Spoken {
  line: string;
  said: readonly string[];
}

/** What a user would see of a chapter, without what differs from run to run. */
export async function runChapter(chapter: Chapter, cluster: ChapterCluster, kubectl: string): Promise<Spoken[]> {
  const shell = await Shell.open(chapter, cluster, kubectl);
  const seen: Spoken[] = [];
  for (const line of chapter.lines) {
    const special: SpecialLine = typeof line === 'string' ? { line } : line;
    const result = await shell.run(special.line);
    if (special.isQuiet && result.code !== 0) throw new Error(`${special.line}: ${result.err || result.out}`);
    if (!special.isQuiet) seen.push({ line: special.line, said: said(result, special) });
  }
  await shell.run(`kubectl delete namespace ${namespaceOf(chapter)} --wait=false`);
  return seen;
}

function said({ code, out, err }: CallResult, { without, isUnordered }: SpecialLine): string[] {
  const lines = linesOf(`${out}\n${err}`).filter((line) => !without?.test(line));
  if (isUnordered) lines.sort();
  return code === 0 ? lines : [...lines, `exit code ${code}`];
}

/** Waits in a shell: `until-says TEXT COMMAND…` for what a command says, `until-holds TEXT FILE` for what a file holds. */
const PROGRAMS: Readonly<Record<string, string>> = {
  'until-says':
    'text=$1; shift; for i in $(seq 600); do "$@" 2>&1 | grep -qF -- "$text" && exit 0; sleep 0.1; done; exit 1',
  'until-holds': 'for i in $(seq 600); do grep -qsF -- "$1" "$2" && exit 0; sleep 0.1; done; cat "$2"; exit 1',
};

/** A folder with the files of a chapter, where `kubectl` is the one that is tried and its namespace is the chapter's. */
class Shell {
  readonly #folder: string;
  readonly #env: Readonly<Record<string, string>>;
  readonly #namespace: string;

  private constructor(folder: string, env: Readonly<Record<string, string>>, namespace: string) {
    this.#folder = folder;
    this.#env = env;
    this.#namespace = namespace;
  }

  static async open(chapter: Chapter, cluster: ChapterCluster, kubectl: string): Promise<Shell> {
    const namespace = namespaceOf(chapter);
    const home = await mkdtemp(join(cluster.folder, `${namespace}-`));
    const [bin, folder] = [join(home, 'bin'), join(home, 'here')];
    await Promise.all([mkdir(bin), mkdir(folder)]);
    await symlink(kubectl, join(bin, 'kubectl'));
    for (const [name, script] of Object.entries(PROGRAMS))
      await writeFile(join(bin, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    for (const [name, text] of Object.entries(chapter.files ?? {}))
      await writeFile(join(folder, name), text.replaceAll('{ns}', namespace), { mode: 0o755 });
    const kubeconfig = join(home, 'config');
    const inNamespace = ['config', 'view', '--raw', '--flatten', `--kubeconfig=${cluster.kubeconfig}`];
    await writeFile(kubeconfig, await outputOf(kubectl, inNamespace), { mode: 0o600 });
    await outputOf(kubectl, [
      'config',
      'set-context',
      '--current',
      `--namespace=${namespace}`,
      '--kubeconfig',
      kubeconfig,
    ]);
    const env = {
      PATH: `${bin}:${process.env['PATH'] ?? ''}`,
      HOME: home,
      KUBECONFIG: kubeconfig,
      KUBECACHEDIR: join(home, 'cache'),
      KUBECTL_EXTERNAL_DIFF: 'diff -u',
      LC_ALL: 'C',
      TZ: 'UTC',
    };
    const shell = new Shell(folder, env, namespace);
    await shell.#prepare();
    return shell;
  }

  run(line: string): Promise<CallResult> {
    return call('sh', ['-c', line.replaceAll('{ns}', this.#namespace)], { env: this.#env, cwd: this.#folder });
  }

  /** Pods need the account that a controller makes. */
  async #prepare(): Promise<void> {
    const lines = [
      // Of the chapter before, where it was tried with another kubectl.
      `kubectl delete namespace ${this.#namespace} --ignore-not-found --timeout=60s`,
      `kubectl create namespace ${this.#namespace}`,
      'kubectl wait --for=create serviceaccount/default --timeout=60s',
    ];
    const { code, err } = await this.run(lines.join(' && '));
    if (code !== 0) throw new Error(`no namespace ${this.#namespace}: ${err}`);
  }
}

function outputOf(program: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(program, args, (failure, out) => (failure ? reject(failure) : resolve(out)));
  });
}
