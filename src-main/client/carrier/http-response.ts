import type { IncomingMessage } from 'node:http';
import { pipeline, type Readable } from 'node:stream';
import { constants, createGunzip } from 'node:zlib';
import type { CarrierResponse } from '../carrier';
import { jsonLines } from './json-lines';

/** An answer whose body streams in as it is read. `translate` turns a broken connection into what a person can act on. */
export class HttpResponse implements CarrierResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly #incoming: IncomingMessage;
  readonly #translate: (failure: unknown) => unknown;

  constructor(incoming: IncomingMessage, translate: (failure: unknown) => unknown) {
    this.#incoming = incoming;
    this.#translate = translate;
    this.status = incoming.statusCode ?? 0;
    this.headers = flatten(incoming.headers);
  }

  async json(): Promise<unknown> {
    const parts: Uint8Array[] = [];
    for await (const part of this.chunks()) parts.push(part);
    return JSON.parse(Buffer.concat(parts).toString('utf8'));
  }

  lines(): AsyncIterable<unknown> {
    return jsonLines(this.chunks());
  }

  async *chunks(): AsyncGenerator<Uint8Array> {
    try {
      for await (const chunk of this.#body()) yield chunk as Uint8Array;
    } catch (failure) {
      throw this.#translate(failure);
    }
  }

  /** Reads past what is left, so that the connection can be used again. */
  discard(): void {
    this.#incoming.resume();
  }

  #body(): Readable {
    if (this.headers['content-encoding'] !== 'gzip') return this.#incoming;
    // Flushed with every block, or the events of a compressed watch would wait for the next ones.
    const gunzip = createGunzip({ flush: constants.Z_SYNC_FLUSH, finishFlush: constants.Z_SYNC_FLUSH });
    // The reader of gunzip is told of failures; the callback is only there because pipeline demands one.
    return pipeline(this.#incoming, gunzip, () => undefined);
  }
}

function flatten(headers: IncomingMessage['headers']): Record<string, string> {
  const flat: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) flat[name] = typeof value === 'string' ? value : value.join(', ');
  }
  return flat;
}
