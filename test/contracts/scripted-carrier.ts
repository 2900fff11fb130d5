import { AsyncQueue } from '#common/base/queue';
import type { WatchEvent } from '#common/kube/object';
import type { ApiStatusError } from '#common/kube/status-error';
import type { Carrier, CarrierRequest, CarrierResponse, CarrierSocket, UpgradeRequest } from '#main/client/carrier';

/** What a script answers one request with. */
export interface Answer {
  status?: number;
  headers?: Record<string, string>;
  json?: unknown;
  text?: string;
  /** Values of a watch, as they are pushed. */
  lines?: AsyncIterable<unknown>;
  /** Takes the place of readers of the answer. */
  response?: Partial<CarrierResponse>;
}

/** A request that waits for its answer. */
export interface Ask {
  request: CarrierRequest;
  answer(answer: Answer): void;
  fail(cause: unknown): void;
}

/** A Carrier whose other end is the test: each request is taken with `next()` and answered by hand. */
export class ScriptedCarrier implements Carrier {
  readonly requests: CarrierRequest[] = [];
  readonly #asked: Ask[] = [];
  readonly #waiting: ((ask: Ask) => void)[] = [];

  send(request: CarrierRequest): Promise<CarrierResponse> {
    this.requests.push(request);
    return new Promise((resolve, reject) => {
      const abort = () => reject(request.signal?.reason);
      request.signal?.addEventListener('abort', abort, { once: true });
      const ask: Ask = { request, answer: (answer) => resolve(responseOf(answer, request)), fail: reject };
      const waiter = this.#waiting.shift();
      if (waiter) waiter(ask);
      else this.#asked.push(ask);
    });
  }

  /** The next request that was not taken yet; waits for one. */
  next(): Promise<Ask> {
    const ask = this.#asked.shift();
    return ask ? Promise.resolve(ask) : new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Requests that wait for an answer now. */
  get waiting(): number {
    return this.#asked.length;
  }

  upgrade(_request: UpgradeRequest): Promise<CarrierSocket> {
    return Promise.reject(new Error('no upgrades in this script'));
  }

  async close(): Promise<void> {}
}

/** The events of one watch, pushed by the test. */
export class ScriptedWatch {
  readonly #queue = new AsyncQueue<unknown>(10_000);

  get lines(): AsyncIterable<unknown> {
    return this.#queue;
  }

  send(...events: WatchEvent<unknown>[]): void {
    for (const event of events) void this.#queue.push(event);
  }

  /** The server ends the watch in good order. */
  end(): void {
    this.#queue.end();
  }

  /** The connection breaks. */
  break(message: string): void {
    this.#queue.fail(new Error(message));
  }
}

function responseOf(
  { status = 200, headers = {}, json, text, lines, response }: Answer,
  request: CarrierRequest,
): CarrierResponse {
  const type = text === undefined ? 'application/json' : 'text/plain';
  return {
    status,
    headers: { 'content-type': type, ...headers },
    json: async () => json,
    lines: () => untilAborted(lines ?? (async function* () {})(), request.signal),
    async *chunks() {
      yield new TextEncoder().encode(text ?? JSON.stringify(json));
    },
    ...response,
  };
}

async function* untilAborted(lines: AsyncIterable<unknown>, signal: AbortSignal | undefined): AsyncGenerator<unknown> {
  const iterator = lines[Symbol.asyncIterator]();
  const aborted = new Promise<never>((_, reject) => {
    if (signal?.aborted) reject(signal.reason);
    signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  aborted.catch(() => undefined);
  for (;;) {
    const next = await Promise.race([iterator.next(), aborted]);
    if (next.done) return;
    yield next.value;
  }
}

/** The body of an ERROR event, and of a refusal. */
export function statusOf(code: number, reason: string, message = reason): ApiStatusError['status'] {
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, code };
}
