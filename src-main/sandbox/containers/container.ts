import { setMaxListeners } from 'node:events';
import type { Duplex } from 'node:stream';
import type { IFileSystem } from 'just-bash';
import type { Clock } from '#common/base/clock';
import { onAbort } from '#main/base/on-abort';
import type { PodNetwork } from '#main/base/pod-network';
import type { ProcessStreams } from '#main/base/process-streams';
import { AdoptedPrograms } from './adopted-programs';
import { openContainerFiles, type ContainerLayer, type ContainerMount, type FileContent } from './container-files';
import { ContainerLog } from './container-log';
import { duplexPair } from './duplex-pair';
import type { AnswerDirectly, DirectAnswer, DirectRequest } from './direct-request';
import type { HostCommands } from './host-commands';
import type { ImageProfile, ProgramProfile } from './image-profile';
import { programsOf } from './image-tools';
import { MemoryMeter, neededBytes } from './memory-meter';
import { resolveHost } from './name-resolution';
import { kernelFiles, type KernelFacts } from './kernel-files';
import { ProcessPipe } from './process-pipe';
import { ProcessTable } from './process-table';
import { programFiles } from './program-files';
import { runProgram } from './programs/program';
import { PortTakenError } from './programs/program-context';
import { TrafficMeter } from './traffic-meter';
import { ContainerShell } from './shell/container-shell';
import { CpuMeter } from './shell/cpu-meter';
import type { Write } from './shell/output-files';
import { baseName, isShell } from './shell/shell-words';
import { SignalInbox, signalName, signalNumber } from './shell/signal-inbox';

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
  /** Files the kubelet writes: hosts, resolv.conf, hostname; asked for when somebody looks at files. */
  files: () => Readonly<Record<string, FileContent>>;
  mounts: readonly ContainerMount[];
  clock: Clock;
  network: PodNetwork;
  /** Cores it may use at a time; as many as it likes when absent. */
  cpuLimit?: number | undefined;
  /** Bytes it may use; as many as it likes when absent. */
  memoryLimit?: number | undefined;
  /** Whose number its processes have; the image's own when absent. */
  user?: number | undefined;
  /** The files of the image may not be written. */
  readOnly?: boolean | undefined;
  /** The machine below, for a container that has its files. */
  host?: HostCommands | undefined;
  /** Called when its processes take much memory, or much of the disk. */
  onMuch?: (() => void) | undefined;
  /** Ports that whoever runs it says it listens on: an image nobody knows does. */
  declaredPorts?: readonly number[] | undefined;
  /** Whoever runs it waits for its end: an image nobody knows comes to it. */
  isTask?: boolean | undefined;
  /** Its first process is not the first of its namespace, and dies from any signal it has no handler for. */
  sharesProcesses?: boolean | undefined;
}

export interface ContainerExit {
  exitCode: number;
  /** Set when the process could not be started at all: containerd's text. */
  startError?: string;
  /** The kernel killed it for its memory. */
  outOfMemory?: boolean;
}

/** What answers at a port. */
interface Listening {
  accept: (connection: Duplex) => void;
  answer?: AnswerDirectly | undefined;
}

/** About what the lines of a request and of an answer take. */
const HEAD_BYTES = 120;

/** One run of one container: its process, log, files and listeners. */
export class Container {
  readonly log: ContainerLog;
  readonly spec: ContainerSpec;
  readonly argv: readonly string[];
  // What few containers need is made when it is needed: thousands of them do nothing but be there.
  #listeners: Map<number, Listening> | undefined;
  #killing: AbortController | undefined;
  #ownShell: ContainerShell | undefined;
  #table: ProcessTable | undefined;
  readonly #cpu: CpuMeter;
  readonly #signals = new SignalInbox();
  readonly #adopted = new AdoptedPrograms();
  readonly #startedMs: number;
  readonly memory: MemoryMeter;
  #outOfMemory = false;
  #meter: TrafficMeter | undefined;
  #killedBy: number | undefined;
  #fs: Promise<IFileSystem> | undefined;
  #layer: ContainerLayer | undefined;
  #terminal: ProcessPipe | undefined;

  constructor(spec: ContainerSpec) {
    this.spec = spec;
    this.log = new ContainerLog(spec.clock);
    this.#startedMs = spec.clock.now();
    this.argv = argvOf(spec);
    this.#cpu = new CpuMeter(spec.clock, spec.cpuLimit);
    this.memory = new MemoryMeter(spec.memoryLimit ?? Infinity, {
      onOutOfMemory: () => this.#ranOutOfMemory(),
      onMuch: () => spec.onMuch?.(),
    });
  }

  /** Runs commands in it. */
  get #shell(): ContainerShell {
    this.#ownShell ??= this.#newShell();
    return this.#ownShell;
  }

  #newShell(): ContainerShell {
    const { spec } = this;
    const { profile, clock, hostname, ip, network } = spec;
    const fs = () => this.fs();
    return new ContainerShell({
      spec,
      fs,
      cpu: this.#cpu,
      surroundings: {
        clock,
        startedMs: this.#startedMs,
        hostname,
        ip,
        user: userOf(spec),
        network,
        fs,
        flavour: profile.base === 'alpine' || profile.base === 'busybox' ? 'busybox' : 'gnu',
        processes: this.#processes,
        memory: this.memory,
        mounts: spec.mounts,
        usesMuch: () => spec.onMuch?.(),
        cpu: this.#cpu,
        connect: (host, port, signal) => this.#connect(host, port, signal),
        listen: (port, accept) => this.#listen(port, { accept }),
        ports: () => this.ports,
      },
      runProgram: (argv, signal, write) => this.#serve(argv, signal, write),
    });
  }

  get #processes(): ProcessTable {
    this.#table ??= this.#firstProcess();
    return this.#table;
  }

  #firstProcess(): ProcessTable {
    const user = userOf(this.spec);
    const table = new ProcessTable();
    const entry = { user: user.name || String(user.uid), command: this.argv.join(' ') };
    // The kernel keeps the first process from a KILL of its own namespace.
    table.add({ ...entry, signal: (number) => void (number === 9 || this.signal(String(number))) });
    return table;
  }

  /** Aborts when every process of it is killed. */
  get #killed(): AbortSignal {
    if (!this.#killing) {
      this.#killing = new AbortController();
      setMaxListeners(0, this.#killing.signal);
    }
    if (this.#killedBy !== undefined) this.#killing.abort();
    return this.#killing.signal;
  }

  get #traffic(): TrafficMeter {
    this.#meter ??= new TrafficMeter();
    return this.#meter;
  }

  /** The process of a container that has a terminal or reads input, for attach. */
  get terminal(): ProcessPipe | undefined {
    return this.#terminal;
  }

  /** The ports something listens on. */
  get ports(): readonly number[] {
    return [...(this.#listeners?.keys() ?? [])];
  }

  /** Processor time its processes have used since the start, in milliseconds of one core. */
  get cpuMs(): number {
    return this.#cpu.usedMs;
  }

  /** The same as of a moment of the last minute. */
  cpuMsAt(atMs: number): number {
    return this.#cpu.usedMsAt(atMs);
  }

  /** Bytes that went in and out of it. */
  get traffic(): { received: number; sent: number } {
    return this.#meter ?? NO_TRAFFIC;
  }

  /** Bytes that it has written beside its volumes: the layer over its image. */
  async layerBytes(): Promise<number> {
    return this.#layer ? this.#layer.bytes() : 0;
  }

  fs(): Promise<IFileSystem> {
    const { profile, files, mounts } = this.spec;
    const workingDir = this.spec.workingDir ?? profile.workingDir ?? '/';
    this.#fs ??= programsOf(profile)
      .then((programs) =>
        openContainerFiles({
          files: { ...profile.files, ...files() },
          workingDir,
          virtual: [programFiles(programs), this.#adopted, kernelFiles(this.#kernelFacts())],
          clock: this.spec.clock,
          mounts,
          readOnly: this.spec.readOnly,
        }),
      )
      .then(({ files: all, layer }) => {
        this.#layer = layer;
        return all;
      });
    return this.#fs;
  }

  #kernelFacts(): KernelFacts {
    const { clock, hostname, env } = this.spec;
    const { uid } = userOf(this.spec);
    const facts = { clock, hostname, env, uid, startedMs: this.#startedMs };
    return { ...facts, processes: this.#processes, cpu: this.#cpu, memory: this.memory };
  }

  /** True when anything has looked at its files: those of an idle container are never made. */
  get hasOpenFiles(): boolean {
    return this.#fs !== undefined;
  }

  /** Why the process cannot start, in the runtime's words; nothing when it can. */
  async startError(): Promise<string | undefined> {
    const [program = ''] = this.argv;
    if (this.#has(baseName(program))) return undefined;
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
      const exitCode = await this.#main();
      if (this.#outOfMemory) return { exitCode: 137, outOfMemory: true };
      return { exitCode: this.#killedBy === undefined ? exitCode : 128 + this.#killedBy };
    } finally {
      this.#listeners?.clear();
      this.log.close();
      this.#terminal?.finish({ code: 0 });
    }
  }

  /** Sends a signal to its first process, which the kernel keeps from it when it has no handler. */
  signal(name: string): void {
    if (signalName(name) === 'KILL') this.kill();
    else if (!this.#signals.raise(name) && this.spec.sharesProcesses) this.#die(signalNumber(name));
  }

  /** Ends every process now. */
  kill(): void {
    this.#die(9);
  }

  #die(signal: number): void {
    this.#killedBy ??= signal;
    this.#killing?.abort();
    this.#signals.end();
    this.#terminal?.kill();
  }

  /** Changes what it may use while it runs; an absent amount is no limit. */
  limit({ cpu = Infinity, memory = Infinity }: { cpu?: number | undefined; memory?: number | undefined }): void {
    this.#cpu.cores = cpu;
    this.memory.limit = memory;
  }

  #ranOutOfMemory(): void {
    this.#outOfMemory = true;
    this.kill();
  }

  exec(command: readonly string[], { stdin, tty }: { stdin: boolean; tty: boolean }): ProcessStreams {
    const pipe = new ProcessPipe();
    const ending = onAbort(this.#killed, () => pipe.kill());
    void this.#shell.exec(pipe, command, { stdin, tty }).finally(() => ending[Symbol.dispose]());
    return pipe.streams;
  }

  /** Asks the program at `port` without a connection, where it can be asked like that. */
  ask(port: number, request: DirectRequest): Promise<DirectAnswer> | undefined {
    const answer = this.#listeners?.get(port)?.answer?.(request);
    return answer?.then((got) => {
      this.#traffic.count({ received: HEAD_BYTES + request.url.length, sent: HEAD_BYTES + got.body.length });
      return got;
    });
  }

  /** A connection to a listener of this container, or nothing when none has the port. */
  dial(port: number, from?: string): Duplex | undefined {
    const { accept } = this.#listeners?.get(port) ?? {};
    if (!accept) return undefined;
    const [near, far] = duplexPair();
    this.#traffic.follow(far);
    accept(from === undefined ? far : Object.assign(far, { clientAddress: from }));
    return near;
  }

  /** One of the image's own programs, which needs no shell. */
  #has(name: string): boolean {
    return this.spec.profile.programs?.[name] !== undefined && !isShell(name);
  }

  async #main(): Promise<number> {
    const [program = ''] = this.argv;
    const name = baseName(program);
    const { profile, isTask } = this.spec;
    if (profile.openEnded && (profile.programs?.[name] || !(await this.#shell.knows(program)))) {
      return this.#serveFirst([isTask ? 'task' : 'entrypoint']);
    }
    if (profile.programs?.[name]) return this.#serveFirst([name, ...this.argv.slice(1)]);
    await this.adopt(this.argv, isTask ? 'task' : 'entrypoint');
    const interactive = isShell(program) && this.argv.length === 1;
    if (interactive && !this.spec.stdin) return 0;
    const signal = this.#killed;
    if (interactive || this.spec.stdin) return this.#attached(signal);
    const write = (stream: 'stdout' | 'stderr', data: string | Uint8Array) => this.#logged(stream, data);
    return this.#shell.run(this.argv, { signal, write, signals: this.#signals });
  }

  /** Lets what a command calls be there in an image that nobody knows, and do as that program of the profile. */
  async adopt(command: readonly string[], program: string): Promise<void> {
    if (!this.spec.profile.openEnded) return;
    for (const path of await this.#shell.unknownPrograms(command)) this.#adopted.add(path, program);
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

  #logged(stream: 'stdout' | 'stderr', data: string | Uint8Array): void {
    this.log.write(stream, typeof data === 'string' ? data : Buffer.from(data).toString('utf8'));
  }

  /** Runs a program of the image as the first process: signals are for it. */
  #serveFirst(words: readonly string[]): Promise<number> {
    if (!this.#program(words[0] ?? '').ignoresSignals) this.#signals.becomes();
    return this.#serve(words, this.#signals.ending, (stream, data) => this.#logged(stream, data));
  }

  /** Runs one of the image's own programs until it is stopped. */
  async #serve([name = '', ...args]: readonly string[], signal: AbortSignal, write: Write): Promise<number> {
    const { profile, env } = this.spec;
    const own = this.memory.reserve(neededBytes(profile.usage?.memoryMi ?? 0, env, this.memory.limit));
    const running = runProgram(
      this.#program(name),
      {
        spec: this.spec,
        argv: [name, ...args],
        fs: () => this.fs(),
        write,
        connect: (host, port, ending) => this.#connect(host, port, ending),
        listen: (port, accept, answer) => this.#listen(port, { accept, answer }),
        work: (ms, ending) => this.#cpu.work(ms, ending),
        memory: this.memory,
        cpu: this.#cpu,
      },
      signal,
    );
    return running.finally(() => own[Symbol.dispose]());
  }

  #program(name: string): ProgramProfile {
    const { profile, declaredPorts = [] } = this.spec;
    const program = profile.programs?.[name] ?? {};
    // Nobody knows what such an image does; whoever runs it says where it listens.
    if (profile.openEnded) return { ...program, listen: declaredPorts.map((port) => ({ port, protocol: 'any' })) };
    return program.sameAs === undefined ? program : { ...this.#program(program.sameAs), ...program };
  }

  #listen(port: number, listening: Listening): Disposable {
    this.#listeners ??= new Map();
    if (this.#listeners.has(port)) throw new PortTakenError(`port ${port} is taken`);
    this.#listeners.set(port, listening);
    return {
      [Symbol.dispose]: () => {
        if (this.#listeners?.get(port) === listening) this.#listeners.delete(port);
      },
    };
  }

  async #connect(host: string, port: number, signal?: AbortSignal): Promise<Duplex> {
    const { ip, network } = this.spec;
    const source = { fs: () => this.fs(), network };
    const addresses = await resolveHost(source, host, signal);
    const [address = ''] = addresses;
    if (!address.startsWith('127.') && address !== ip) {
      return this.#traffic.follow(await network.connect(address, port, signal));
    }
    return this.dial(port, address) ?? network.connect(ip, port, signal);
  }
}

const NO_TRAFFIC = { received: 0, sent: 0 };

/** Who its processes run as: the Pod's word, or the image's. */
function userOf({ profile, user }: Pick<ContainerSpec, 'profile' | 'user'>): { name: string; uid: number } {
  const own = profile.user ?? { name: 'root', uid: 0 };
  if (user === undefined || user === own.uid) return own;
  return { name: user === 0 ? 'root' : '', uid: user };
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
