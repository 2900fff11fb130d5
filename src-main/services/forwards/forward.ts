import { createServer, type Server, type Socket } from 'node:net';
import { pipeline } from 'node:stream';
import type { Clock } from '#common/base/clock';
import { messageOf, Problem } from '#common/base/errors';
import type { Forward, ForwardRequest } from '#common/contract/forwards';
import type { Pod } from '#common/kube/types';
import { portForward } from '#main/client/streams/port-forward';
import type { SessionLease } from '#main/session/session';
import { listenLocally } from './local-port';
import { PodSource } from './pod-source';
import { choosePod, forwardUrl, podPort } from './target';

export interface ForwardOptions {
  id: string;
  lease: SessionLease;
  request: ForwardRequest;
  clock: Clock;
  /** Called after `state` changed. */
  changed(): void;
}

/** One local port that leads into a cluster: each connection goes to the Pod that is ready then. */
export class RunningForward {
  readonly #options: ForwardOptions;
  readonly #pods: PodSource;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #stop = new AbortController();
  #state: Forward;

  private constructor(options: ForwardOptions, pods: PodSource, server: Server, state: Forward) {
    this.#options = options;
    this.#pods = pods;
    this.#server = server;
    this.#state = state;
    pods.subscribe(() => this.#podsChanged());
    server.on('connection', (socket) => void this.#connect(socket));
  }

  /** Resolves when the local port is open. */
  static async start(options: ForwardOptions, signal: AbortSignal): Promise<RunningForward> {
    const { lease, request } = options;
    await lease.session.ready(signal);
    const pods = await PodSource.open(lease.session, request, signal);
    try {
      const pod = choosePod(pods.list(), undefined);
      const targetPort = knownPort(pod, pods, request);
      const server = createServer({ allowHalfOpen: true });
      const localPort = await listenLocally(server, { wanted: request.localPort, preferred: targetPort });
      const { cluster, kind, namespace, name, port } = request;
      const url = forwardUrl(request, pods.wanted.hint, { target: targetPort, port: localPort });
      const place = { id: options.id, cluster, kind, namespace, name, port, targetPort, localPort, url };
      const state: Forward = { ...place, connections: 0, bytesIn: 0, bytesOut: 0, ...podState(pod) };
      return new RunningForward(options, pods, server, state);
    } catch (failure) {
      pods[Symbol.dispose]();
      throw failure;
    }
  }

  get state(): Forward {
    return this.#state;
  }

  async close(): Promise<void> {
    this.#stop.abort(new Problem('forward-stopped', 'The forward was stopped.'));
    this.#pods[Symbol.dispose]();
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
    this.#options.lease[Symbol.dispose]();
  }

  #update(change: Partial<Forward>): void {
    const { message: _past, ...kept } = this.#state;
    this.#state = { ...('state' in change ? kept : this.#state), ...change };
    this.#options.changed();
  }

  #podsChanged(): void {
    const pod = choosePod(this.#pods.list(), this.#state.pod || undefined);
    const next = podState(pod);
    if (next.pod !== this.#state.pod || next.state !== this.#state.state) this.#update(next);
  }

  /** Never rejects: what goes wrong with one connection is told by the forward's message. */
  async #connect(socket: Socket): Promise<void> {
    this.#sockets.add(socket);
    this.#update({ connections: this.#sockets.size });
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      this.#sockets.delete(socket);
      this.#update({ connections: this.#sockets.size });
    });
    try {
      await this.#join(socket);
    } catch (failure) {
      socket.destroy();
      if (!this.#stop.signal.aborted) this.#update({ message: messageOf(failure) });
    }
  }

  async #join(socket: Socket): Promise<void> {
    const pod = choosePod(this.#pods.list(), this.#state.pod || undefined);
    if (!pod) throw new Problem('no-ready-pod', `No Pod of ${this.#state.name} is ready.`);
    const { namespace } = this.#options.request;
    const port = knownPort(pod, this.#pods, this.#options.request);
    const { carrier } = this.#options.lease.session;
    const { signal } = this.#stop;
    const remote = await portForward(carrier, { namespace, pod: pod.metadata.name, port, signal });
    socket.on('data', (chunk) => this.#count('bytesOut', chunk.length));
    remote.on('data', (chunk: Buffer) => this.#count('bytesIn', chunk.length));
    socket.on('close', () => remote.destroy());
    const told = (failure: NodeJS.ErrnoException | null) => this.#ended(failure, socket);
    pipeline(socket, remote, () => undefined);
    pipeline(remote, socket, told);
  }

  #count(direction: 'bytesIn' | 'bytesOut', bytes: number): void {
    this.#update({ [direction]: this.#state[direction] + bytes });
  }

  #ended(failure: NodeJS.ErrnoException | null | undefined, socket: Socket): void {
    socket.destroy();
    // That the browser hung up is no news.
    if (!failure || failure.code === 'ERR_STREAM_PREMATURE_CLOSE' || failure.code === 'ECONNRESET') return;
    if (!this.#stop.signal.aborted) this.#update({ message: failure.message });
  }
}

function podState(pod: Pod | undefined): Pick<Forward, 'pod' | 'state' | 'message'> {
  return pod
    ? { pod: pod.metadata.name, state: 'listening' }
    : { pod: '', state: 'waiting', message: 'No Pod is ready; connections work again when one is.' };
}

/** The number behind a name needs a Pod that has a port of that name. */
function knownPort(pod: Pod | undefined, pods: PodSource, { name }: ForwardRequest): number {
  const { port } = pods.wanted;
  const candidates = pod ? [pod] : pods.list();
  const known = typeof port === 'number' ? port : candidates.map((one) => podPort(one, port)).find(Boolean);
  if (known !== undefined) return known;
  throw new Problem('port-unknown', `No Pod of ${name} has a port named ${port}.`);
}
