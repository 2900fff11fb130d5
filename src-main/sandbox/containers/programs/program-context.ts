import type { Duplex } from 'node:stream';
import type { IFileSystem } from 'just-bash';
import type { ContainerSpec } from '../container';
import type { AnswerDirectly } from '../direct-request';
import type { MemoryMeter } from '../memory-meter';
import type { CpuMeter } from '../shell/cpu-meter';

/** What a program of an image has of its container. */
export interface ProgramContext {
  spec: ContainerSpec;
  /** The program and its words. */
  argv: readonly string[];
  fs: () => Promise<IFileSystem>;
  write: (stream: 'stdout' | 'stderr', text: string) => void;
  connect: (host: string, port: number, signal?: AbortSignal) => Promise<Duplex>;
  listen: (port: number, accept: (connection: Duplex) => void, answer?: AnswerDirectly) => Disposable;
  /** Uses processor time, in milliseconds; resolves when the work is done. */
  work: (ms: number, signal?: AbortSignal) => Promise<void>;
  memory: MemoryMeter;
  cpu: CpuMeter;
}

/** Two listeners of a Pod want the same port. */
export class PortTakenError extends Error {
  override readonly name = 'PortTakenError';
}

/** A variable of the container: the Pod's word, or the image's. */
export function variable({ env, profile }: Pick<ContainerSpec, 'env' | 'profile'>, name: string): string | undefined {
  return env[name] ?? profile.env?.[name];
}

/** The value of `--flag value` or `--flag=value`; of `-flag=value` too. */
export function flagValue(argv: readonly string[], flag: string): string | undefined {
  const joined = argv.find((word) => word.startsWith(`${flag}=`));
  if (joined) return joined.slice(flag.length + 1);
  const at = argv.indexOf(flag);
  return at < 0 ? undefined : argv[at + 1];
}
