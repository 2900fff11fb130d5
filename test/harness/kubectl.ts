import { execFile } from 'node:child_process';
import { existsSync, readdirSync, realpathSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';

export interface KubectlResult {
  code: number;
  out: string;
  err: string;
}

export interface KubectlOptions {
  kubeconfig: string;
  /** Text on standard input. */
  input?: string;
  /** A binary other than the newest. */
  binary?: string;
  /** Failing commands answer instead of throwing. */
  mayFail?: boolean;
  /** Set beside the environment of the tests. */
  env?: Readonly<Record<string, string>>;
}

/**
 * The newest kubectl of this computer; undefined where there is none. `kubectl.1.33` and the like are preferred: the plain
 * name may be a dispatcher that picks one by the server's version.
 */
export function findKubectl(): string | undefined {
  const asked = process.env['KUBECTL'];
  if (asked) return asked;
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => existsSync(folder));
  const plain = folders.map((folder) => join(folder, 'kubectl')).find((path) => existsSync(path));
  const beside = plain ? [dirname(realpathSync(plain))] : [];
  const numbered = [...new Set([...folders, ...beside])]
    .filter((folder) => existsSync(folder))
    .flatMap((folder) => readdirSync(folder).map((name) => ({ path: join(folder, name), minor: minorOf(name) })))
    .filter(({ minor }) => minor > 0)
    .sort((a, b) => b.minor - a.minor);
  return numbered[0]?.path ?? plain;
}

function minorOf(name: string): number {
  return Number(/^kubectl\.1\.(\d+)$/.exec(name)?.[1] ?? 0);
}

/** The minor that a kubectl says it is of: 36. */
export async function minorOfKubectl(binary: string): Promise<number> {
  const { stdout } = await promisify(execFile)(binary, ['version', '--client', '-o', 'json']);
  const { clientVersion } = JSON.parse(stdout) as { clientVersion: { minor: string } };
  return Number.parseInt(clientVersion.minor, 10);
}

/** Runs kubectl with a kubeconfig and a discovery cache of its own; throws with its words when it fails. */
export function runKubectl(args: readonly string[], options: KubectlOptions): Promise<KubectlResult> {
  const { kubeconfig, input, mayFail = false } = options;
  const binary = options.binary ?? findKubectl();
  if (!binary) throw new Error('kubectl is not installed');
  const whole = ['--kubeconfig', kubeconfig, '--cache-dir', `${kubeconfig}.cache`, ...args];
  return new Promise((resolve, reject) => {
    const child = execFile(
      binary,
      whole,
      { maxBuffer: 2 ** 26, env: { ...process.env, ...options.env } },
      (error, out, err) => {
        const code = error ? (typeof error.code === 'number' ? error.code : 1) : 0;
        if (code !== 0 && !mayFail) reject(new Error(`kubectl ${args.join(' ')} ended with ${code}: ${err || out}`));
        else resolve({ code, out, err });
      },
    );
    if (input !== undefined) child.stdin?.end(input);
  });
}
