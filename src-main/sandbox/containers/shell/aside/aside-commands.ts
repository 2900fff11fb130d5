import type { Command } from 'just-bash';
import { sleep } from '#common/base/clock';
import { onAbort } from '#main/base/on-abort';
import { hoard } from '../commands/hoard';
import { LIVE } from '../instrument';
import { command, ok, type Context, type Result, type Surroundings } from '../commands/surroundings';
import { commandThreads, type JobOutcome } from './command-threads';
import { fileWords, libraryWords, placeOf, PURE_COMMANDS, type Stage } from './pure-commands';
import { ASIDE, lineOf, stagesOf } from './pure-pipelines';
import { sourceCommand } from './source-command';
import { flowOf, SOURCE, type Flow } from './sources';

/** The shell's own: keeps how each command of a pipeline ended. */
export const STATUSES = '__statuses';

export interface AsideOptions {
  around: Pick<Surroundings, 'clock' | 'cpu' | 'memory' | 'running' | 'write'>;
  /** The library's commands that may be used. */
  allowed: readonly string[];
  /** Lets the next source be run as it is. */
  asItIs: () => void;
}

/** Pure commands, alone and as pipelines, that go to a thread of their own when they may take long. */
export function asideCommands(options: AsideOptions): Command[] {
  const { allowed } = options;
  const own = new Set(['printf', 'echo', 'tail', 'yes']);
  const single = allowed
    .filter((name) => PURE_COMMANDS.has(name) && !own.has(name))
    .map((name) => new AsideCommand(name, options));
  const yes = [
    command('yes', async (args) => ok(`${args.join(' ') || 'y'}\n`.repeat(MOST_ANSWERS))),
    command(`${LIVE}yes`, (args) => goOn(flowOf([{ words: ['yes', ...args] }]), options)),
  ];
  return [...single, ...yes, ...new Pipelines(options).commands()];
}

/** A command of the library by itself. Each script has forty of them: they share their code. */
class AsideCommand implements Command {
  readonly name: string;
  readonly options: AsideOptions;

  constructor(name: string, options: AsideOptions) {
    this.name = name;
    this.options = options;
  }

  execute(args: string[], context: Context): Promise<Result> {
    return alone(this.name, args, context, this.options);
  }
}

async function alone(name: string, args: string[], context: Context, options: AsideOptions): Promise<Result> {
  const flow = flowOf([{ words: [name, ...args] }]);
  if (flow.kind === 'endless') return goOn(flow, options);
  const place = placeOf(flow.stages, await inputBytes(flow.stages, context));
  if (place === 'here' && context.origCommand && flow.stages[0]?.words[0] === name) {
    return context.origCommand(libraryWords([name, ...args]).slice(1));
  }
  return runAside(flow.stages, context, options);
}

/** What `yes` answers to a program that asks: nobody asks more often. */
const MOST_ANSWERS = 1000;
/** How often a line of `yes` is printed: as fast as anybody could read. */
const PRINT_MS = 100;
const PRINT_LINES = 100;

/** Does what never ends until it is stopped: it keeps a core busy, and no thread of ours. */
async function goOn(flow: Flow, { around }: AsideOptions): Promise<Result> {
  if (flow.kind === 'ends') return ok();
  const { clock, cpu, running, write } = around;
  const signal = running();
  const load = cpu.busy(1);
  try {
    if (flow.hoards) return await hoard(around);
    if (flow.prints === undefined) await aborted(signal);
    while (!signal.aborted) {
      write('stdout', (flow.prints ?? '').repeat(PRINT_LINES));
      await sleep(clock, PRINT_MS, signal).catch(() => undefined);
    }
    return { stdout: '', stderr: '', exitCode: 143 };
  } finally {
    load[Symbol.dispose]();
  }
}

const aborted = (signal: AbortSignal): Promise<void> => new Promise((resolve) => void onAbort(signal, () => resolve()));

class Pipelines {
  readonly #options: AsideOptions;
  #statuses: number[] = [];

  constructor(options: AsideOptions) {
    this.#options = options;
  }

  commands(): Command[] {
    return [
      command(ASIDE, (args, context) => this.#run(stagesOf(args), context)),
      sourceCommand,
      command(STATUSES, async (args) => {
        this.#statuses = args.map(Number);
        return { stdout: '', stderr: '', exitCode: this.#statuses.at(-1) ?? 0 };
      }),
    ];
  }

  async #run(stages: readonly Stage[], context: Context): Promise<Result> {
    const { allowed } = this.#options;
    const isKnown = stages.every(({ words: [name = ''] }) => name === 'yes' || allowed.includes(name));
    if (!isKnown) return this.#here(stages, context);
    const flow = flowOf(stages);
    if (flow.kind === 'endless') return goOn(flow, this.#options);
    const place = placeOf(flow.stages, await inputBytes(flow.stages, context));
    return place === 'here' ? this.#here(flow.stages, context) : runAside(flow.stages, context, this.#options);
  }

  async #here(stages: readonly Stage[], { exec, cwd, stdin, exportedEnv = {}, env }: Context): Promise<Result> {
    if (!exec) throw new Error('a pipeline outside a shell');
    this.#options.asItIs();
    const options = { cwd, env: exportedEnv, replaceEnv: true, stdinKind: 'bytes' as const };
    const line = `${lineOf(stages)}\n${STATUSES} "\${PIPESTATUS[@]}"`;
    const result = await exec(line, { ...options, stdin: stdin as unknown as string });
    const statuses = [...this.#statuses];
    return { ...result, exitCode: codeOf(statuses, env), internalPipeStatusOverride: statuses };
  }
}

/** The code of a pipeline is that of its last command, or with `pipefail` of the last one that failed. */
function codeOf(statuses: readonly number[], env: ReadonlyMap<string, string>): number {
  const fails = (env.get('SHELLOPTS') ?? '').split(':').includes('pipefail');
  return (fails && statuses.findLast((status) => status !== 0)) || (statuses.at(-1) ?? 0);
}

/** Bytes that the first command is given, and those of all files that are named. */
async function inputBytes(stages: readonly Stage[], { stdin, fs, cwd }: Context): Promise<number> {
  let bytes = (stdin as unknown as string).length;
  for (const word of fileWords(stages)) {
    const found = await fs.stat(fs.resolvePath(cwd, word)).catch(() => undefined);
    if (found?.isDirectory) return Infinity;
    bytes += found?.size ?? 0;
  }
  return bytes;
}

/** Runs commands in a thread beside this one: they take the time on the cluster's clock that their container's limit gives them. */
async function runAside(stages: readonly Stage[], context: Context, options: AsideOptions): Promise<Result> {
  const { clock, cpu, memory, running } = options.around;
  const { fs, cwd, stdin, exportedEnv = {}, env } = context;
  const signal = running();
  const input = stdin as unknown as string;
  const commands = [...new Set(stages.map(({ words: [name = ''] }) => name))].filter((name) => name !== SOURCE);
  const known = stages.map((stage) => ({ ...stage, words: libraryWords(stage.words) }));
  const job = { line: lineOf(known), commands, cwd, env: exportedEnv, stdin: input };
  const begunMs = clock.now();
  const load = cpu.busy(1);
  const held = memory.hold(input.length);
  try {
    const outcome = await commandThreads.run(job, { fs, signal, memoryLimit: memory.limit });
    const tookMs = clock.now() - begunMs;
    const shareMs = tookMs / Math.min(1, cpu.cores) - tookMs;
    if (shareMs > 0) await sleep(clock, shareMs, signal).catch(() => undefined);
    if (outcome.kind === 'out-of-memory') memory.exceed();
    return resultOf(outcome, env);
  } finally {
    held[Symbol.dispose]();
    load[Symbol.dispose]();
  }
}

function resultOf(outcome: JobOutcome, env: ReadonlyMap<string, string>): Result {
  if (outcome.kind !== 'done') return { stdout: '', stderr: '', exitCode: 137 };
  const { stdout, stderr, statuses } = outcome;
  const exitCode = codeOf(statuses, env);
  return { stdout, stdoutKind: 'bytes', stderr, exitCode, internalPipeStatusOverride: statuses };
}
