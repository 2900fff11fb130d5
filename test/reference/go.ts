/** Building programs from Go modules. */
import { spawn } from 'node:child_process';
import { Problem } from '#common/base/errors';

const OLDEST_GO = [1, 26] as const;

export const BUILD_FLAGS = ['-trimpath', '-p', '2'];

/** Fails with a Problem that says what is missing. */
export async function checkGo(): Promise<void> {
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

/** Where the source of a module lies (`k8s.io/kubernetes@v1.36.3`); it is downloaded when it is not there. */
export async function moduleFolder(module: string, cwd: string): Promise<string> {
  const { Dir } = JSON.parse(await go(['mod', 'download', '-json', module], cwd)) as { Dir: string };
  return Dir;
}

/** Runs `go …args`; `env` is beside the environment. */
export const go = (args: string[], cwd: string, env: Readonly<Record<string, string>> = {}): Promise<string> =>
  run('go', args, { cwd, env: { CGO_ENABLED: '0', GOFLAGS: '-mod=mod', ...env } });

/** Runs a program to its end and answers what it wrote; fails with the end of what it complained. */
export function run(
  program: string,
  args: string[],
  options: { cwd: string; env?: Record<string, string> },
): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: options.cwd, env: { ...process.env, ...options.env } });
    let out = '';
    let err = '';
    child.stdout.on('data', (part) => (out += part));
    child.stderr.on('data', (part) => (err += part));
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) return resolve(out.trim());
      const words = [program, ...args.slice(0, 2).filter((word) => !word.startsWith('-'))].join(' ');
      const last = err.trim().split('\n').at(-1)?.trim() ?? '';
      reject(
        new Problem('reference-build', `${words} failed: ${last}`, {
          nextStep: 'What was built so far is kept; run the command again.',
          details: err.trim(),
        }),
      );
    });
  });
}
