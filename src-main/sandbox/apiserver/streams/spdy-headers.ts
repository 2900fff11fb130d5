import { Deflate, Inflate, Z_SYNC_FLUSH } from 'pako';
import { SPDY_DICTIONARY } from './spdy-dictionary';

export type SpdyHeaders = Readonly<Record<string, string>>;

/**
 * The header blocks of one connection. Each direction is one zlib stream from the first block to the last, which Node's own
 * zlib cannot do step by step without being asynchronous.
 */
export class SpdyHeaderCodec {
  readonly #inflate = new Inflate({ dictionary: SPDY_DICTIONARY, chunkSize: 65_536 });
  readonly #deflate = new Deflate({ dictionary: SPDY_DICTIONARY });
  #inflated: Uint8Array[] = [];
  #deflated: Uint8Array[] = [];

  constructor() {
    this.#inflate.onData = (chunk) => void this.#inflated.push(chunk as Uint8Array);
    this.#deflate.onData = (chunk) => void this.#deflated.push(chunk as Uint8Array);
  }

  /** Throws when the block is not what SPDY/3 compresses. */
  read(block: Uint8Array): SpdyHeaders {
    this.#inflate.push(block, Z_SYNC_FLUSH);
    if (this.#inflate.err) throw new Error(`a header block cannot be read: ${this.#inflate.msg}`);
    const bytes = Buffer.concat(this.#inflated);
    this.#inflated = [];
    return parse(bytes);
  }

  write(headers: SpdyHeaders): Buffer {
    this.#deflate.push(format(headers), Z_SYNC_FLUSH);
    const block = Buffer.concat(this.#deflated);
    this.#deflated = [];
    return block;
  }
}

function parse(bytes: Buffer): SpdyHeaders {
  const headers: Record<string, string> = {};
  let at = 4;
  const text = (): string => {
    const length = bytes.readUInt32BE(at);
    at += 4 + length;
    return bytes.toString('utf8', at - length, at);
  };
  for (let left = bytes.readUInt32BE(0); left > 0; left--) {
    const name = text();
    headers[name] = text();
  }
  return headers;
}

function format(headers: SpdyHeaders): Buffer {
  const entries = Object.entries(headers);
  const parts = [uint32(entries.length)];
  for (const text of entries.flat()) parts.push(uint32(Buffer.byteLength(text)), Buffer.from(text));
  return Buffer.concat(parts);
}

export function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value >>> 0);
  return bytes;
}
