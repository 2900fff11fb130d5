import { messageOf, Problem } from '#common/base/errors';
import type { Clock } from '#common/base/clock';
import { toWireError } from '#common/contract/wire';
import type { SandboxCluster, SandboxOptions } from '#main/sandbox/index';
import { isAlive } from './control-client';
import { ControlServer } from './control-server';
import { SandboxRecords, type SandboxRecord } from './record';

/** What a process is to serve: one sandbox cluster. */
export interface ServeOptions {
  name: string;
  nodes: number;
  scenario: string;
  ephemeral: boolean;
  /** Where its state is kept; absent when it is ephemeral. */
  folder?: string;
  /** The port it must have (`fixed`) or would like to have; absent: any free one. */
  port?: number;
  fixedPort?: boolean;
  /** The folder of the records. */
  running: string;
}

export interface ServeContext {
  open(options: SandboxOptions): Promise<SandboxCluster>;
  clock: Clock;
  log(line: string): void;
}

/** Either another process serves it already, or this one does now. */
export type Served = { kind: 'joined'; record: SandboxRecord } | { kind: 'claimed'; service: SandboxService };

/** Takes the name for this process and begins to open the cluster. */
export async function serveSandbox(options: ServeOptions, context: ServeContext): Promise<Served> {
  const service = new SandboxService(options, context);
  const present = await service.claim();
  return present ? { kind: 'joined', record: present } : { kind: 'claimed', service };
}

/** One sandbox cluster in this process, from the claim of its name to its end. */
export class SandboxService {
  readonly #options: ServeOptions;
  readonly #context: ServeContext;
  readonly #control: ControlServer;
  readonly #records: SandboxRecords;
  readonly #stopAsked = new AbortController();
  #record: SandboxRecord | undefined;
  #cluster: SandboxCluster | undefined;

  constructor(options: ServeOptions, context: ServeContext) {
    this.#options = options;
    this.#context = context;
    this.#records = new SandboxRecords(options.running, context.clock);
    this.#control = new ControlServer(
      { ...this.#identity, state: 'starting' },
      { stop: () => this.stop(), kubeconfig: () => this.#cluster?.kubeconfig() },
    );
  }

  /** Answers the record of the process that has the name already. */
  async claim(): Promise<SandboxRecord | undefined> {
    const { name } = this.#options;
    const port = await this.#control.listen();
    const record = {
      name,
      pid: process.pid,
      started: this.#context.clock.now(),
      control: { port, token: this.#control.token },
    };
    const present = await this.#records.claim(record, isAlive);
    if (present) await this.#control.close();
    else this.#record = record;
    return present;
  }

  get record(): SandboxRecord | undefined {
    return this.#record;
  }

  get kubeconfig(): string | undefined {
    return this.#cluster?.kubeconfig();
  }

  /** Opens the cluster, tells everyone, and resolves after it has stopped. Rejects when it could not be opened. */
  async run(opened: (cluster: SandboxCluster) => void = () => undefined): Promise<void> {
    try {
      this.#cluster = await this.#open();
      if (!this.#stopAsked.signal.aborted) {
        this.#announce(this.#cluster);
        opened(this.#cluster);
      }
      await this.#asked();
      this.#control.tell({ ...this.#identity, state: 'stopping' });
      this.#context.log('stopping');
      await this.#cluster.close();
    } catch (failure) {
      this.#control.tell({ ...this.#identity, state: 'failed', error: toWireError(failure) });
      throw failure;
    } finally {
      if (this.#record) await this.#records.drop(this.#record);
      await this.#control.close();
    }
    this.#context.log('stopped');
  }

  stop(): void {
    this.#stopAsked.abort();
  }

  get #identity(): { name: string; ephemeral: boolean } {
    return { name: this.#options.name, ephemeral: this.#options.ephemeral };
  }

  /** A port that was only wished for gives way to a free one. */
  async #open(): Promise<SandboxCluster> {
    const { port = 0, fixedPort = false } = this.#options;
    try {
      return await this.#openAt(port);
    } catch (failure) {
      if (port === 0 || !isPortTaken(failure)) throw failure;
      if (fixedPort) throw portProblem(port, failure);
      this.#context.log(`port ${port} is taken: another one is used this time`);
      return this.#openAt(0);
    }
  }

  #openAt(port: number): Promise<SandboxCluster> {
    const { name, nodes, scenario, folder } = this.#options;
    const { open, log } = this.#context;
    return open({ name, nodes, scenario, port, onMessage: log, ...(folder === undefined ? {} : { folder }) });
  }

  #announce(cluster: SandboxCluster): void {
    const { nodes } = this.#options;
    this.#control.tell({ ...this.#identity, state: 'running', url: cluster.url, nodes });
    this.#context.log(`serving ${cluster.url}`);
    cluster.ready(this.#stopAsked.signal).then(
      () => this.#context.log('nodes are Ready'),
      (failure) => {
        if (!this.#stopAsked.signal.aborted) this.#context.log(`not ready: ${messageOf(failure)}`);
      },
    );
  }

  async #asked(): Promise<void> {
    const { signal } = this.#stopAsked;
    if (signal.aborted) return;
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
  }
}

function isPortTaken(failure: unknown): boolean {
  if (failure instanceof Problem) return failure.code === 'port-in-use';
  return failure instanceof Error && 'code' in failure && (failure.code === 'EADDRINUSE' || failure.code === 'EACCES');
}

function portProblem(port: number, cause: unknown): Problem {
  const reason =
    cause instanceof Error && 'code' in cause && cause.code === 'EACCES'
      ? 'may not be opened by this user'
      : 'is taken by another program';
  return new Problem('port-in-use', `Port ${port} ${reason}.`, {
    nextStep: 'Choose another with --port, or leave it out to take a free one.',
    cause,
  });
}
