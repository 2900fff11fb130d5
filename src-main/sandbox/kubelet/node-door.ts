import type { Duplex } from 'node:stream';
import { Problem } from '#common/base/errors';
import { AsyncQueue } from '#common/base/queue';
import { failure } from '#common/kube/status-error';
import type { ExecQuery, LogQuery, NodeAnswer, NodeApi, PodRef } from '#main/base/node-api';
import { onAbort } from '#main/base/on-abort';
import type { ProcessStreams } from '#main/base/process-streams';
import type { Container } from '../containers/container';
import { readLog } from '../containers/container-log';
import type { ContainerWorker } from './container-worker';
import type { PodWorker } from './pod-worker';
import { kubeletPage, type KubeletPages } from './usage/kubelet-paths';

const KUBELET_PORT = 10250;

export interface DoorOptions {
  node: { ip: string; isOn: () => boolean };
  pages: KubeletPages;
}

/** What the API server reaches of one node. */
export class NodeDoor implements NodeApi {
  readonly #podOf: (pod: PodRef) => PodWorker | undefined;
  readonly #pages: KubeletPages;
  readonly #node: DoorOptions['node'];

  constructor(podOf: (pod: PodRef) => PodWorker | undefined, { node, pages }: DoorOptions) {
    this.#podOf = podOf;
    this.#pages = pages;
    this.#node = node;
  }

  async page(path: string): Promise<NodeAnswer> {
    this.#knock(path);
    return kubeletPage(path, this.#pages);
  }

  /** Nobody answers at the port of a kubelet that is down. */
  #knock(path: string): void {
    const { ip, isOn } = this.#node;
    if (isOn()) return;
    const url = `https://${ip}:${KUBELET_PORT}${path}`;
    throw failure(500, 'InternalError', `Get "${url}": dial tcp ${ip}:${KUBELET_PORT}: connect: connection refused`);
  }

  async logs(pod: PodRef, query: LogQuery, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>> {
    this.#knock(`/containerLogs/${pod.namespace}/${pod.name}/${query.container}`);
    const worker = this.#containerOf(pod, query.container);
    const container = query.previous ? worker.before : worker.current;
    if (!container) throw query.previous ? noPrevious(pod, query.container) : isWaiting(pod, worker);
    return readLog(container.log, query, signal);
  }

  async exec(pod: PodRef, query: ExecQuery, signal: AbortSignal): Promise<ProcessStreams> {
    this.#knock(`/exec/${pod.namespace}/${pod.name}/${query.container}`);
    const streams = this.#running(pod, query.container).exec(query.command, query);
    onAbort(signal, () => streams.kill());
    return streams;
  }

  async attach(pod: PodRef, query: Omit<ExecQuery, 'command'>, signal: AbortSignal): Promise<ProcessStreams> {
    this.#knock(`/attach/${pod.namespace}/${pod.name}/${query.container}`);
    return attachedTo(this.#running(pod, query.container), query, signal);
  }

  async dial(pod: PodRef, port: number): Promise<Duplex> {
    this.#knock(`/portForward/${pod.namespace}/${pod.name}`);
    const worker = this.#workerOf(pod);
    const connection = worker.dial(port);
    if (connection) return connection;
    const sandbox = pod.uid.replaceAll('-', '').padEnd(64, '0');
    throw new Problem(
      'connection-refused',
      `failed to execute portforward in network namespace "/var/run/netns/cni-${pod.uid}": failed to connect to ` +
        `localhost:${port} inside namespace "${sandbox}", IPv4: dial tcp4 127.0.0.1:${port}: connect: connection refused ` +
        `IPv6 dial tcp6 [::1]:${port}: connect: connection refused`,
    );
  }

  #workerOf(pod: PodRef): PodWorker {
    const worker = this.#podOf(pod);
    if (worker) return worker;
    throw failure(404, 'NotFound', `pod "${pod.name}_${pod.namespace}" not found`);
  }

  #containerOf(pod: PodRef, name: string): ContainerWorker {
    const worker = this.#workerOf(pod).container(name);
    if (worker) return worker;
    throw failure(404, 'NotFound', `container ${name} not found in pod ${pod.name}_${pod.namespace}`);
  }

  #running(pod: PodRef, name: string): Container {
    const worker = this.#containerOf(pod, name);
    if (worker.current && worker.status.state?.running) return worker.current;
    throw failure(500, 'InternalError', `container not found ("${name}")`);
  }
}

function isWaiting({ name }: PodRef, worker: ContainerWorker) {
  const reason = worker.status.state?.waiting?.reason ?? 'ContainerCreating';
  const what = /^(?:ErrImage|ImagePull|InvalidImage)/.test(reason)
    ? `trying and failing to pull image`
    : `waiting to start: ${reason}`;
  return failure(400, 'BadRequest', `container "${worker.name}" in pod "${name}" is ${what}`);
}

function noPrevious({ name }: PodRef, container: string) {
  return failure(400, 'BadRequest', `previous terminated container "${container}" in pod "${name}" not found`);
}

/** The main process of a container as someone who joins it sees it. */
function attachedTo(container: Container, query: Omit<ExecQuery, 'command'>, signal: AbortSignal): ProcessStreams {
  const stdout = new AsyncQueue<Uint8Array>();
  const stderr = new AsyncQueue<Uint8Array>();
  const { terminal } = container;
  const leaving = new AbortController();
  const exit = new Promise<{ code: number }>((resolve) => {
    leaving.signal.addEventListener('abort', () => resolve({ code: 0 }), { once: true });
  });
  const output = terminal
    ? container.onOutput((stream, chunk) => void (stream === 'stdout' || query.tty ? stdout : stderr).push(chunk))
    : container.log.onChange(() => undefined);
  const end = () => {
    output[Symbol.dispose]();
    stdout.end();
    stderr.end();
    leaving.abort();
  };
  onAbort(signal, end);
  if (terminal) void terminal.streams.exit.then(() => setImmediate(end));
  else void copyLog(container, stdout, leaving.signal).then(end);
  return {
    writeStdin: (chunk) => terminal?.stdin.push(chunk) ?? Promise.resolve(),
    endStdin: () => (query.tty ? undefined : terminal?.stdin.end()),
    stdout,
    stderr,
    resize: (columns, rows) => terminal?.streams.resize(columns, rows),
    exit,
    kill: end,
  };
}

/** What a process without an input prints from now on, until it ends. */
async function copyLog(container: Container, stdout: AsyncQueue<Uint8Array>, signal: AbortSignal): Promise<void> {
  const query = { follow: true, timestamps: false, tailLines: 0 };
  for await (const chunk of readLog(container.log, query, signal)) await stdout.push(chunk);
}
