import { Duplex } from 'node:stream';
import type { Clock } from '#common/base/clock';
import { resource, resourcePath } from '#common/kube/resource';
import { systemClock } from '#main/base/system-clock';
import type { Carrier, CarrierSocket } from '../carrier';
import { onChannel } from './channels';

export interface PortForwardRequest {
  namespace: string;
  pod: string;
  port: number;
  clock?: Clock;
  signal?: AbortSignal | undefined;
}

const Pods = resource({ plural: 'pods', kind: 'Pod' });
/** Spoken by every kubelet and relayed by every API server; data is channel 0, errors are channel 1 of the only port. */
const PROTOCOLS = ['v4.channel.k8s.io'] as const;
const DATA = 0;
const ERROR = 1;
/** Each channel begins with the port number, two bytes little-endian. */
const PORT_BYTES = 2;
/** The protocol has no half-close: once our side has ended, the other may finish its answer until it is silent this long. */
const FINISHING_MS = 5_000;

/** One connection to a port inside a Pod. Rejects with ApiStatusError when the server refuses; a port nobody listens on ends it with an error. */
export async function portForward(carrier: Carrier, request: PortForwardRequest): Promise<Duplex> {
  const { namespace, pod, port, clock = systemClock, signal } = request;
  const socket = await carrier.upgrade({
    path: resourcePath(Pods, { namespace, name: pod, subresource: 'portforward' }),
    query: { ports: String(port) },
    protocols: PROTOCOLS,
    signal,
  });
  return new ForwardedConnection(socket, clock);
}

class ForwardedConnection extends Duplex {
  readonly #socket: CarrierSocket;
  readonly #greeted = new Set<number>();
  readonly #clock: Clock;
  #wantsMore: () => void = () => undefined;
  #finishing: Disposable | undefined;

  constructor(socket: CarrierSocket, clock: Clock) {
    super();
    this.#socket = socket;
    this.#clock = clock;
    void this.#receive();
  }

  override _read(): void {
    this.#wantsMore();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (failure?: Error | null) => void): void {
    void this.#send(chunk, done);
  }

  override _final(done: (failure?: Error | null) => void): void {
    this.#finish();
    done();
  }

  override _destroy(failure: Error | null, done: (failure?: Error | null) => void): void {
    this.#finishing?.[Symbol.dispose]();
    this.#socket.close();
    this.#wantsMore();
    done(failure);
  }

  async #send(chunk: Buffer, done: (failure?: Error | null) => void): Promise<void> {
    try {
      await this.#socket.send(onChannel(DATA, chunk));
    } catch (failure) {
      done(failure instanceof Error ? failure : new Error(String(failure)));
      return;
    }
    done();
  }

  #finish(): void {
    this.#finishing?.[Symbol.dispose]();
    this.#finishing = this.#clock.after(FINISHING_MS, () => this.#socket.close());
  }

  /** Never rejects: a failure destroys the connection. */
  async #receive(): Promise<void> {
    try {
      for await (const message of this.#socket.messages) await this.#take(message);
      this.push(null);
    } catch (failure) {
      this.destroy(failure instanceof Error ? failure : new Error(String(failure)));
    }
  }

  async #take(message: Uint8Array): Promise<void> {
    if (this.#finishing) this.#finish();
    const channel = message[0] ?? DATA;
    const payload = this.#withoutPort(channel, message.subarray(1));
    if (payload.length === 0) return;
    if (channel === ERROR) throw new Error(new TextDecoder().decode(payload).trim());
    if (this.push(payload)) return;
    await new Promise<void>((resolve) => (this.#wantsMore = resolve));
  }

  #withoutPort(channel: number, payload: Uint8Array): Uint8Array {
    if (this.#greeted.has(channel)) return payload;
    this.#greeted.add(channel);
    return payload.subarray(PORT_BYTES);
  }
}
