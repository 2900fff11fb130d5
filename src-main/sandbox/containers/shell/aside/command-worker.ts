/** A thread that runs commands of the library, one job at a time; its files are those of whoever gave the job. */
import { readlinkSync } from 'node:fs';
import { setPriority } from 'node:os';
import { parentPort } from 'node:worker_threads';
import { Bash, InMemoryFs } from 'just-bash';
import { messageOf } from '#common/base/errors';
import { remoteFiles, type CallFiles } from './remote-files';
import { sourceCommand } from './source-command';
import type { CommandJob, FromThread, ToThread } from './thread-messages';

const most = Number.MAX_SAFE_INTEGER;
/** Steps cost nobody else anything here; memory is bounded by the heap of the thread, and output by this. */
const LIMITS = {
  maxCommandCount: most,
  maxLoopIterations: most,
  maxWorkUnits: most,
  maxInputBytes: most,
  maxArrayElements: most,
  maxAwkIterations: most,
  maxSedIterations: most,
  maxJqIterations: most,
  maxTraversalEntries: most,
  maxTraversalWork: most,
  maxLiveBytes: 2 ** 31,
  maxStringLength: 2 ** 29 - 2 ** 10,
  maxOutputSize: 2 ** 29 - 2 ** 10,
  maxExecutionTimeMs: 2 ** 31 - 1,
};
/** A third of the processor time of the thread that answers requests, where they have to share a core. */
const PRIORITY = 5;
/** Errors of a string that has outgrown the machine instead of the heap. */
const TOO_LARGE = /Invalid string length|Array buffer allocation failed|limit exceeded/;

const waiting = new Map<number, { resolve: (value: unknown) => void; reject: (failure: Error) => void }>();
let lastCall = 0;

const say = (message: FromThread): void => parentPort?.postMessage(message, []);

const call: CallFiles = (method, args) =>
  new Promise((resolve, reject) => {
    const id = ++lastCall;
    waiting.set(id, { resolve, reject });
    say({ kind: 'file', id, method, args });
  });

const paths = new InMemoryFs();
const files = remoteFiles(call, (base, path) => paths.resolvePath(base, path));

function hear(message: ToThread): void {
  if (message.kind === 'run') {
    void run(message.job);
    return;
  }
  const asked = waiting.get(message.id);
  waiting.delete(message.id);
  if (message.kind === 'answer') asked?.resolve(message.value);
  else asked?.reject(new Error(message.message));
}

async function run({ line, commands, cwd, env, stdin }: CommandJob): Promise<void> {
  let statuses: number[] = [];
  const keep = async (args: string[]) => {
    statuses = args.map(Number);
    return { stdout: '', stderr: '', exitCode: statuses.at(-1) ?? 0 };
  };
  try {
    const bash = new Bash({
      fs: files,
      cwd,
      defenseInDepth: false,
      executionLimits: LIMITS,
      commands: [...commands] as never,
      customCommands: [{ name: '__statuses', execute: keep }, sourceCommand],
    });
    const options = { env: { ...env }, replaceEnv: true, cwd, rawScript: true, stdin, stdinKind: 'bytes' as const };
    const result = await bash.exec(`${line}\n__statuses "\${PIPESTATUS[@]}"`, options);
    if (TOO_LARGE.test(result.stderr)) return say({ kind: 'out-of-memory' });
    const stdout =
      result.stdoutKind === 'bytes' ? result.stdout : Buffer.from(result.stdout, 'utf8').toString('latin1');
    say({ kind: 'done', stdout, stderr: result.stderr, exitCode: result.exitCode, statuses });
  } catch (failure) {
    if (TOO_LARGE.test(messageOf(failure))) say({ kind: 'out-of-memory' });
    else say({ kind: 'done', stdout: '', stderr: `${messageOf(failure)}\n`, exitCode: 1, statuses: [1] });
  }
}

/** The thread that answers requests comes first, where the system lets threads have priorities of their own. */
function stepBack(): void {
  if (process.platform !== 'linux') return;
  try {
    const thread = Number(readlinkSync('/proc/thread-self').split('/').at(-1));
    setPriority(thread, PRIORITY);
  } catch {
    // Not every machine allows it; the work is the same.
  }
}

stepBack();
parentPort?.on('message', hear);
