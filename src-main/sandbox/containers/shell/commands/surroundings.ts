import type { Duplex } from 'node:stream';
import type { Command } from 'just-bash';
import type { Clock } from '#common/base/clock';
import type { PodNetwork } from '#main/base/pod-network';
import type { CpuMeter } from '../cpu-meter';
import type { ContainerMount } from '../../container-files';
import type { NameSource } from '../../name-resolution';
import type { MemoryMeter } from '../../memory-meter';
import type { ProcessTable } from '../../process-table';

/** What the commands of a container's shell need of the container. */
export interface Surroundings extends NameSource {
  clock: Clock;
  /** When the container began, in epoch milliseconds. */
  startedMs: number;
  hostname: string;
  ip: string;
  /** `root`, or a number that has no name. */
  user: { name: string; uid: number };
  /** Whose small differences the tools have. */
  flavour: 'busybox' | 'gnu';
  network: PodNetwork;
  processes: ProcessTable;
  memory: MemoryMeter;
  /** Tells the node that much of it is used now. */
  usesMuch: () => void;
  /** Where the Pod's volumes are. */
  mounts: readonly ContainerMount[];
  cpu: CpuMeter;
  /** Connects from inside the container to a name or an address. */
  connect: (host: string, port: number, signal?: AbortSignal) => Promise<Duplex>;
  /** The ports that something in the container listens on. */
  ports: () => readonly number[];
  /** Listens in the Pod's network; throws when the port is taken. */
  listen: (port: number, accept: (connection: Duplex) => void) => Disposable;
  write: (stream: 'stdout' | 'stderr', text: string | Uint8Array) => void;
  /** Aborts when the command is to end. */
  running: () => AbortSignal;
}

export type Result = Awaited<ReturnType<Command['execute']>>;
export type Context = Parameters<Command['execute']>[1];

export const ok = (stdout = ''): Result => ({ stdout, stderr: '', exitCode: 0 });
export const bad = (stderr: string, exitCode = 1): Result => ({ stdout: '', stderr, exitCode });
export const bytes = (data: Uint8Array): Result => ({
  ...ok(Buffer.from(data).toString('latin1')),
  stdoutKind: 'bytes',
});

/** What comes in on a pipe, as bytes and as text. */
export const inputBytes = ({ stdin }: Pick<Context, 'stdin'>): Buffer =>
  Buffer.from(stdin as unknown as string, 'latin1');
export const inputText = (context: Pick<Context, 'stdin'>): string => inputBytes(context).toString('utf8');

export const command = (name: string, execute: Command['execute']): Command => ({ name, execute });

/** A signal that also aborts after `seconds` of the cluster's time; nothing or 0 means never. */
export function within({ clock, running }: Pick<Surroundings, 'clock' | 'running'>, seconds: number | undefined) {
  const signal = running();
  if (!seconds) return { signal, isOver: () => false, [Symbol.dispose]: () => undefined };
  const limit = new AbortController();
  const timer = clock.after(seconds * 1000, () => limit.abort());
  return {
    signal: AbortSignal.any([signal, limit.signal]),
    isOver: () => limit.signal.aborted,
    [Symbol.dispose]: () => timer[Symbol.dispose](),
  };
}
