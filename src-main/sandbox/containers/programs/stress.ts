import { sleep } from '#common/base/clock';
import { flagValue, type ProgramContext } from './program-context';

/** How long a worker takes until it has touched all of its memory. */
const TOUCH_MS = 200;
/** The exit code of a process that TERM has ended. */
const STOPPED = 143;
const FOREVER_MS = 2_000_000_000;
const UNITS: Readonly<Record<string, number>> = { '': 1, b: 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30 };

/** `stress` and `stress-ng`, and their namesake of the documentation: hogs of processor and memory. */
export async function stress(context: ProgramContext, signal: AbortSignal): Promise<number> {
  const { argv, spec, write } = context;
  const hogs = hogsOf(argv);
  const [name = 'stress'] = argv;
  write('stdout', `${name}: info: [1] dispatching hogs: ${hogs.cpu} cpu, 0 io, ${hogs.vm} vm, 0 hdd\n`);
  const busy = context.cpu.busy(hogs.cpu + (hogs.hangs ? 0 : hogs.vm));
  let held: Disposable | undefined;
  try {
    await sleep(spec.clock, TOUCH_MS, signal).catch(() => undefined);
    if (signal.aborted) return STOPPED;
    held = context.memory.hold(hogs.vm * hogs.bytes);
    await sleep(spec.clock, hogs.timeoutMs ?? FOREVER_MS, signal).catch(() => undefined);
    if (signal.aborted) return STOPPED;
  } finally {
    held?.[Symbol.dispose]();
    busy[Symbol.dispose]();
  }
  write('stdout', `${name}: info: [1] successful run completed in ${Math.round((hogs.timeoutMs ?? 0) / 1000)}s\n`);
  return 0;
}

interface Hogs {
  cpu: number;
  vm: number;
  /** Bytes of each. */
  bytes: number;
  /** Their workers sleep when they have their memory. */
  hangs: boolean;
  timeoutMs: number | undefined;
}

function hogsOf(argv: readonly string[]): Hogs {
  const flag = (...names: string[]) => names.map((name) => flagValue(argv, name)).find((value) => value !== undefined);
  // The one of the documentation's processor page speaks otherwise: `-cpus 2 -mem-total 100Mi`.
  const total = flag('-mem-total', '--mem-total');
  const bytes = total ?? flag('--vm-bytes') ?? '256M';
  const timeout = flag('--timeout', '-t');
  return {
    cpu: Number(flag('--cpu', '-c', '-cpus', '--cpus') ?? 0),
    vm: total === undefined ? Number(flag('--vm', '-m') ?? 0) : 1,
    bytes: bytesOf(bytes),
    hangs: total !== undefined || flag('--vm-hang', '--vm-keep') !== undefined || argv.includes('--vm-keep'),
    timeoutMs: timeout === undefined ? undefined : secondsOf(timeout) * 1000,
  };
}

function bytesOf(text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*([bkmg]?)i?b?$/i.exec(text);
  return Number(match?.[1] ?? 0) * (UNITS[match?.[2]?.toLowerCase() ?? ''] ?? 1);
}

function secondsOf(text: string): number {
  const match = /^(\d+)([smhd]?)$/.exec(text);
  return Number(match?.[1] ?? 0) * ({ s: 1, m: 60, h: 3600, d: 86_400 }[match?.[2] ?? 's'] ?? 1);
}
