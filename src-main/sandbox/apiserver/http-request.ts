import { failure } from '#common/kube/status-error';
import type { ApiRequest, Peer, RequestBody } from './api-request';
import type { AnyRequest, AnyResponse } from './listener';

/** The largest body that is read; as real servers have it. */
const MOST_BYTES = 3 * 2 ** 20;

/** A request from the network. */
export class HttpRequest implements ApiRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly peer: Peer;
  readonly #incoming: AnyRequest;
  readonly #outgoing: AnyResponse | undefined;
  #body: Promise<RequestBody> | undefined;
  #gone: AbortController | undefined;

  constructor(incoming: AnyRequest, outgoing: AnyResponse | undefined, peer: Peer) {
    const url = incoming.url ?? '/';
    const mark = url.indexOf('?');
    this.method = incoming.method ?? 'GET';
    this.path = mark < 0 ? url : url.slice(0, mark);
    this.query = new URLSearchParams(mark < 0 ? '' : url.slice(mark + 1));
    this.headers = incoming.headers as Record<string, string | undefined>;
    this.peer = peer;
    this.#incoming = incoming;
    this.#outgoing = outgoing;
  }

  values(name: string): string[] {
    const { rawHeaders } = this.#incoming;
    const found: string[] = [];
    for (let at = 0; at < rawHeaders.length; at += 2) {
      if (rawHeaders[at]?.toLowerCase() === name) found.push(rawHeaders[at + 1] ?? '');
    }
    return found;
  }

  /** Made when it is asked for: most requests are answered before anybody could go away. */
  get signal(): AbortSignal {
    if (!this.#gone) {
      const controller = new AbortController();
      this.#gone = controller;
      const end = (): void => controller.abort(gone());
      (this.#outgoing ?? this.#incoming.socket).once('close', end);
      if (this.#incoming.destroyed || this.#outgoing?.destroyed) end();
    }
    return this.#gone.signal;
  }

  body(): Promise<RequestBody> {
    this.#body ??= readAll(this.#incoming);
    return this.#body;
  }

  stream(): AsyncIterable<Uint8Array> {
    return this.#incoming;
  }
}

/** By events: an async iterator costs more than everything else about a small body. */
function readAll(incoming: AnyRequest): Promise<RequestBody> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    let bytes = 0;
    incoming.on('data', (part: Buffer) => {
      bytes += part.length;
      if (bytes <= MOST_BYTES) {
        parts.push(part);
        return;
      }
      // The rest may take its time, or never come.
      parts.length = 0;
      reject(tooLarge());
    });
    incoming.once('end', () => resolve({ bytes: parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts) }));
    incoming.once('error', reject);
    incoming.once('close', () => {
      // Whole bodies are closed too, and an error that nobody needs costs a stack.
      if (!incoming.readableEnded) reject(gone());
    });
  });
}

function tooLarge() {
  return failure(413, 'RequestEntityTooLarge', `Request entity too large: limit is ${MOST_BYTES}`);
}

function gone(): DOMException {
  return new DOMException('the client went away', 'AbortError');
}
