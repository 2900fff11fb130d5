import { AsyncQueue } from '#common/base/queue';
import { messageOf } from '#common/base/errors';
import { resource, resourcePath } from '#common/kube/resource';
import type { Status } from '#common/kube/status-error';
import type { ExitStatus, ProcessStreams } from '#main/base/process-streams';
import type { Carrier, CarrierSocket } from '../carrier';
import { Channel, onChannel, REMOTE_COMMAND_PROTOCOLS } from './channels';

export interface ExecRequest {
  namespace: string;
  pod: string;
  container?: string | undefined;
  command: readonly string[];
  tty: boolean;
  stdin: boolean;
  signal?: AbortSignal | undefined;
}

const Pods = resource({ plural: 'pods', kind: 'Pod' });
/** Output that may wait for its reader before the connection is held back. */
const WAITING_CHUNKS = 64;
/** Larger input is cut: API servers refuse WebSocket messages over 32 KiB on some paths. */
const MAX_INPUT_BYTES = 16 * 1024;

/** Runs a command in a container. Rejects with ApiStatusError when the server refuses to start it. */
export async function exec(carrier: Carrier, request: ExecRequest): Promise<ProcessStreams> {
  const { namespace, pod, container, command, tty, stdin, signal } = request;
  const socket = await carrier.upgrade({
    path: resourcePath(Pods, { namespace, name: pod, subresource: 'exec' }),
    query: { command, container, ...streamQuery(stdin, tty) },
    protocols: REMOTE_COMMAND_PROTOCOLS,
    signal,
  });
  return new RemoteProcess(socket);
}

/** Joins the process a container already runs. */
export async function attach(carrier: Carrier, request: Omit<ExecRequest, 'command'>): Promise<ProcessStreams> {
  const { namespace, pod, container, tty, stdin, signal } = request;
  const socket = await carrier.upgrade({
    path: resourcePath(Pods, { namespace, name: pod, subresource: 'attach' }),
    query: { container, ...streamQuery(stdin, tty) },
    protocols: REMOTE_COMMAND_PROTOCOLS,
    signal,
  });
  return new RemoteProcess(socket);
}

/** With a terminal there is no stderr: asking for both is refused. */
function streamQuery(stdin: boolean, tty: boolean): Record<string, string | undefined> {
  return {
    stdin: stdin ? 'true' : undefined,
    stdout: 'true',
    stderr: tty ? undefined : 'true',
    tty: tty ? 'true' : undefined,
  };
}

class RemoteProcess implements ProcessStreams {
  readonly exit: Promise<ExitStatus>;
  readonly #socket: CarrierSocket;
  readonly #stdout = new AsyncQueue<Uint8Array>(WAITING_CHUNKS);
  readonly #stderr = new AsyncQueue<Uint8Array>(WAITING_CHUNKS);
  #killed = false;

  constructor(socket: CarrierSocket) {
    this.#socket = socket;
    this.exit = this.#read();
  }

  get stdout(): AsyncIterable<Uint8Array> {
    return this.#stdout;
  }

  get stderr(): AsyncIterable<Uint8Array> {
    return this.#stderr;
  }

  async writeStdin(chunk: Uint8Array): Promise<void> {
    for (let start = 0; start < chunk.length; start += MAX_INPUT_BYTES) {
      await this.#socket.send(onChannel(Channel.stdin, chunk.subarray(start, start + MAX_INPUT_BYTES)));
    }
  }

  endStdin(): void {
    // Only v5 knows how to close one channel; a v4 process waits for its input until the connection ends.
    if (this.#socket.protocol !== 'v5.channel.k8s.io') return;
    this.#send(new Uint8Array([Channel.close, Channel.stdin]));
  }

  resize(columns: number, rows: number): void {
    const size = new TextEncoder().encode(JSON.stringify({ Width: columns, Height: rows }));
    this.#send(onChannel(Channel.resize, size));
  }

  kill(): void {
    this.#killed = true;
    this.#socket.close();
  }

  /** What cannot be sent any more has no effect any more: the end of the connection is told through `exit`. */
  #send(message: Uint8Array): void {
    this.#socket.send(message).catch(() => undefined);
  }

  async #read(): Promise<ExitStatus> {
    let status: Status | undefined;
    try {
      for await (const message of this.#socket.messages) {
        const payload = message.subarray(1);
        if (message[0] === Channel.error) status = parseStatus(payload);
        else if (payload.length > 0) await this.#output(message[0])?.push(payload);
      }
      return status ? exitOf(status) : this.#lost('the connection ended before the process did');
    } catch (failure) {
      return this.#lost(messageOf(failure));
    } finally {
      this.#stdout.end();
      this.#stderr.end();
      this.#socket.close();
    }
  }

  #output(channel: number | undefined): AsyncQueue<Uint8Array> | undefined {
    if (channel === Channel.stdout) return this.#stdout;
    return channel === Channel.stderr ? this.#stderr : undefined;
  }

  /** 137 is what a shell reports for a process that was killed. */
  #lost(message: string): ExitStatus {
    return this.#killed ? { code: 137 } : { code: 1, message };
  }
}

function parseStatus(payload: Uint8Array): Status {
  const text = new TextDecoder().decode(payload);
  try {
    return JSON.parse(text) as Status;
  } catch {
    // Servers before v4 write the bare message.
    return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message: text };
  }
}

/** The exit code in a Status: Success is 0, NonZeroExitCode carries it as a cause (kubelet remotecommand). */
export function exitOf(status: Status): ExitStatus {
  if (status.status === 'Success') return { code: 0 };
  const cause = status.details?.causes?.find(({ reason }) => reason === 'ExitCode');
  const code = Number(cause?.message);
  if (status.reason === 'NonZeroExitCode' && Number.isInteger(code)) return { code };
  return { code: 1, message: status.message ?? 'the command could not be run' };
}
