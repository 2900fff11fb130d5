import { setMaxListeners } from 'node:events';
import type { Duplex } from 'node:stream';
import type { IFileSystem } from 'just-bash';
import type { Clock } from '#common/base/clock';
import { onAbort } from '#main/base/on-abort';
import type { ProcessStreams } from '#main/base/process-streams';
import { openContainerFiles, type ContainerMount, type FileContent } from './container-files';
import { ContainerLog } from './container-log';
import { duplexPair } from './duplex-pair';
import type { ImageProfile, ListenerProfile, ProgramProfile } from './image-profile';
import { ProcessPipe } from './process-pipe';
import { HttpListener } from './programs/http-listener';
import { fillTokens } from './programs/log-tokens';
import { RedisListener } from './programs/redis-listener';
import { ContainerShell } from './shell/container-shell';
import { baseName, isShell } from './shell/shell-words';

export interface ContainerSpec {
  profile: ImageProfile;
  /** The Pod's `command` and `args`; the image's own when absent. */
  command?: readonly string[] | undefined;
  args?: readonly string[] | undefined;
  env: Readonly<Record<string, string>>;
  workingDir?: string | undefined;
  hostname: string;
  ip: string;
  stdin: boolean;
  tty: boolean;
  /** Files the kubelet writes: hosts, resolv.conf, hostname. */
  files: Readonly<Record<string, FileContent>>;
  mounts: readonly ContainerMount[];
  clock: Clock;
  /** Connects to another address of the cluster. */
  connect: (host: string, port: number) => Promise<Duplex>;
}

export interface ContainerExit {
  exitCode: number;
  /** Set when the process could not be started at all: containerd's text. */
  startError?: string;
}

interface Listener {
  accept(connection: Duplex): void;
}

/** One run of one container: its process, log, files and listeners. */
export class Container {
  readonly log: ContainerLog;
  readonly spec: ContainerSpec;
  readonly argv: readonly string[];
  readonly #listeners = new Map<number, Listener>();
  readonly #abort = new AbortController();
  readonly #shell: ContainerShell;
  #fs: Promise<IFileSystem> | undefined;
  #terminal: ProcessPipe | undefined;

  constructor(spec: ContainerSpec) {
    this.spec = spec;
    setMaxListeners(0, this.#abort.signal);
    this.log = new ContainerLog(spec.clock);
    this.argv = argvOf(spec);
    this.#shell = new ContainerShell({
      spec,
      mainCommand: this.argv.join(' '),
      fs: () => this.fs(),
      connect: (host, port) => this.#connect(host, port),
      runProgram: (name, signal) => this.#serve(name, signal),
    });
  }

  /** The process of a container that has a terminal or reads input, for attach. */
  get terminal(): ProcessPipe | undefined {
    return this.#terminal;
  }

  /** The ports something listens on. */
  get ports(): readonly number[] {
    return [...this.#listeners.keys()];
  }

  fs(): Promise<IFileSystem> {
    const { profile, files, mounts } = this.spec;
    const workingDir = this.spec.workingDir ?? profile.workingDir ?? '/';
    this.#fs ??= openContainerFiles({ files: { ...profile.files, ...files }, workingDir, mounts });
    return this.#fs;
  }

  /** Why the process cannot start, in the runtime's words; nothing when it can. */
  async startError(): Promise<string | undefined> {
    const missing = await this.#shell.missingExecutable(this.argv);
    if (!missing) return undefined;
    return (
      'failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: ' +
      `unable to start container process: error during container init: ${missing}`
    );
  }

  /** Runs the process to its end. */
  async run(): Promise<ContainerExit> {
    try {
      return { exitCode: await this.#main(this.#abort.signal) };
    } finally {
      this.#listeners.clear();
      this.log.close();
      this.#terminal?.finish({ code: 0 });
    }
  }

  stop(): void {
    this.#abort.abort();
    this.#terminal?.kill();
  }

  exec(command: readonly string[], { stdin, tty }: { stdin: boolean; tty: boolean }): ProcessStreams {
    const pipe = new ProcessPipe();
    const ending = onAbort(this.#abort.signal, () => pipe.kill());
    void this.#shell.exec(pipe, command, { stdin, tty }).finally(() => ending[Symbol.dispose]());
    return pipe.streams;
  }

  /** A connection to a listener of this container, or nothing when none has the port. */
  dial(port: number): Duplex | undefined {
    const listener = this.#listeners.get(port);
    if (!listener) return undefined;
    const [near, far] = duplexPair();
    listener.accept(far);
    return near;
  }

  async #main(signal: AbortSignal): Promise<number> {
    const [program = ''] = this.argv;
    const name = baseName(program);
    if (this.spec.profile.programs?.[name]) return this.#serve(name, signal);
    if (this.spec.profile.openEnded && !(await this.#shell.knows(program))) return this.#serve('entrypoint', signal);
    const interactive = isShell(program) && this.argv.length === 1;
    if (interactive && !this.spec.stdin) return 0;
    if (interactive || this.spec.stdin) return this.#attached(signal);
    return this.#shell.run(this.argv, { signal, write: (stream, text) => this.log.write(stream, text) });
  }

  /** A main process with an input: what it prints goes to the log and to whoever is attached. */
  async #attached(signal: AbortSignal): Promise<number> {
    const pipe = new ProcessPipe();
    this.#terminal = pipe;
    onAbort(signal, () => pipe.kill());
    const drains = [this.#drain(pipe.streams.stdout, 'stdout'), this.#drain(pipe.streams.stderr, 'stderr')];
    const { code } = await this.#shell.exec(pipe, this.argv, { stdin: true, tty: this.spec.tty });
    await Promise.all(drains);
    return code;
  }

  async #drain(chunks: AsyncIterable<Uint8Array>, stream: 'stdout' | 'stderr'): Promise<void> {
    const decoder = new TextDecoder();
    for await (const chunk of chunks) {
      this.#onOutput?.(stream, chunk);
      this.log.write(stream, decoder.decode(chunk, { stream: true }));
    }
  }

  #onOutput: ((stream: 'stdout' | 'stderr', chunk: Uint8Array) => void) | undefined;

  /** Takes over the raw output of the attached process; disposing gives it back. */
  onOutput(listener: (stream: 'stdout' | 'stderr', chunk: Uint8Array) => void): Disposable {
    this.#onOutput = listener;
    return {
      [Symbol.dispose]: () => {
        if (this.#onOutput === listener) this.#onOutput = undefined;
      },
    };
  }

  /** Runs one of the image's own programs: prints, listens, and ends when it is stopped. */
  async #serve(name: string, signal: AbortSignal): Promise<number> {
    const program: ProgramProfile = this.spec.profile.programs?.[name] ?? {};
    for (const line of program.log ?? []) this.#print(line);
    if (program.exitCode !== undefined) return program.exitCode;
    for (const listener of program.listen ?? []) this.#listen(listener);
    await aborted(signal);
    for (const line of program.stopLog ?? []) this.#print(line);
    return 0;
  }

  #print(line: string): void {
    const isError = line.startsWith('!');
    this.log.write(isError ? 'stderr' : 'stdout', `${this.#fill(isError ? line.slice(1) : line)}\n`);
  }

  #fill(text: string, more?: Readonly<Record<string, string>>): string {
    const { ip, hostname, clock } = this.spec;
    return fillTokens(text, { atMs: clock.now(), ip, hostname }, more);
  }

  #listen(profile: ListenerProfile): void {
    const port = Number(profile.portFrom ? (this.spec.env[profile.portFrom] ?? profile.port) : profile.port);
    if (this.#listeners.has(port)) return;
    this.#listeners.set(port, this.#listenerOf(profile));
  }

  #listenerOf(profile: ListenerProfile): Listener {
    if (profile.protocol === 'redis') return new RedisListener(this.spec.clock);
    if (profile.protocol === 'echo') return { accept: (connection) => void connection.pipe(connection) };
    return new HttpListener({
      profile,
      fs: () => this.fs(),
      fill: (text, more) => this.#fill(text, more),
      log: (line) => this.log.write('stdout', line),
    });
  }

  async #connect(host: string, port: number): Promise<Duplex> {
    const { hostname, ip, connect } = this.spec;
    if (!['localhost', '127.0.0.1', hostname].includes(host)) return connect(host, port);
    return this.dial(port) ?? connect(ip, port);
  }
}

/** The words of the process: `command` replaces the entry point, `args` the image's own arguments; wrappers are left out. */
export function argvOf({ profile, command, args }: Pick<ContainerSpec, 'profile' | 'command' | 'args'>): string[] {
  const hasCommand = command !== undefined && command.length > 0;
  const first = hasCommand ? command : (profile.entrypoint ?? []);
  const ownArgs = hasCommand ? [] : (profile.cmd ?? []);
  const words = [...first, ...(args !== undefined && args.length > 0 ? args : ownArgs)];
  while (words.length > 1 && profile.wrappers?.includes(words[0] ?? '')) words.shift();
  return words;
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => void onAbort(signal, () => resolve()));
}
