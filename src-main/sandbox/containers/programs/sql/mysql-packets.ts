/** MySQL's client/server protocol 4.1: packets and their fields, as far as text queries need them. */
import { createHash } from 'node:crypto';
import type { Duplex } from 'node:stream';
import type { Value } from './sql-text';

/** Packets over one connection; sequence numbers are counted here. */
export class PacketStream {
  readonly #connection: Duplex;
  readonly #chunks: AsyncIterator<Buffer>;
  #pending = Buffer.alloc(0);
  #sequence = 0;

  constructor(connection: Duplex) {
    this.#connection = connection;
    this.#chunks = connection[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  }

  /** The next packet; nothing at the end of the connection. */
  async read(): Promise<Buffer | undefined> {
    while (this.#pending.length < 4 || this.#pending.length < 4 + this.#pending.readUIntLE(0, 3)) {
      const { value, done } = await this.#chunks.next();
      if (done) return undefined;
      this.#pending = Buffer.concat([this.#pending, value]);
    }
    const length = this.#pending.readUIntLE(0, 3);
    this.#sequence = (this.#pending[3] ?? 0) + 1;
    const payload = this.#pending.subarray(4, 4 + length);
    this.#pending = this.#pending.subarray(4 + length);
    return payload;
  }

  write(payload: Buffer): void {
    const head = Buffer.alloc(4);
    head.writeUIntLE(payload.length, 0, 3);
    head[3] = this.#sequence++ % 256;
    this.#connection.write(Buffer.concat([head, payload]));
  }

  /** A new command begins at zero. */
  restart(): void {
    this.#sequence = 0;
  }

  end(): void {
    this.#connection.end();
  }
}

export function lengthEncoded(value: number): Buffer {
  if (value < 251) return Buffer.from([value]);
  const bytes = Buffer.alloc(value < 65_536 ? 3 : 4);
  bytes[0] = value < 65_536 ? 0xfc : 0xfd;
  bytes.writeUIntLE(value, 1, bytes.length - 1);
  return bytes;
}

export const text = (value: string): Buffer => {
  const bytes = Buffer.from(value);
  return Buffer.concat([lengthEncoded(bytes.length), bytes]);
};

/** Reads the fields of a packet one after the other. */
export class PacketReader {
  readonly #bytes: Buffer;
  #at: number;

  constructor(bytes: Buffer, at = 0) {
    this.#bytes = bytes;
    this.#at = at;
  }

  get done(): boolean {
    return this.#at >= this.#bytes.length;
  }

  number(size: number): number {
    const value = this.#bytes.readUIntLE(this.#at, size);
    this.#at += size;
    return value;
  }

  take(size: number): Buffer {
    const taken = this.#bytes.subarray(this.#at, this.#at + size);
    this.#at += size;
    return taken;
  }

  untilZero(): string {
    const end = this.#bytes.indexOf(0, this.#at);
    const taken = this.#bytes.toString('utf8', this.#at, end < 0 ? undefined : end);
    this.#at = end < 0 ? this.#bytes.length : end + 1;
    return taken;
  }

  lengthEncoded(): number | null {
    const first = this.number(1);
    if (first === 0xfb) return null;
    return first < 0xfb ? first : this.number(first === 0xfc ? 2 : first === 0xfd ? 3 : 6);
  }

  text(): string | null {
    const length = this.lengthEncoded();
    return length === null ? null : this.take(length).toString('utf8');
  }
}

/** mysql_native_password: what a client shows instead of the password. */
export function nativePassword(password: string, salt: Buffer): Buffer {
  if (password === '') return Buffer.alloc(0);
  const sha = (...parts: Buffer[]) => createHash('sha1').update(Buffer.concat(parts)).digest();
  const once = sha(Buffer.from(password));
  const mixed = sha(salt, sha(once));
  return Buffer.from(once.map((byte, index) => byte ^ (mixed[index] ?? 0)));
}

const STATUS_AUTOCOMMIT = 2;

export function okPacket(affected = 0): Buffer {
  return Buffer.concat([Buffer.from([0]), lengthEncoded(affected), Buffer.from([0, STATUS_AUTOCOMMIT, 0, 0, 0])]);
}

export const eofPacket = (): Buffer => Buffer.from([0xfe, 0, 0, STATUS_AUTOCOMMIT, 0]);

export function errorPacket(code: number, state: string, message: string): Buffer {
  return Buffer.concat([Buffer.from([0xff, code % 256, code >> 8]), Buffer.from(`#${state}${message}`)]);
}

const VAR_STRING = 253;
const UTF8MB4 = 45;

export function columnPacket(name: string): Buffer {
  const tail = Buffer.alloc(13);
  tail[0] = 0x0c;
  tail.writeUInt16LE(UTF8MB4, 1);
  tail.writeUInt32LE(1024, 3);
  tail[7] = VAR_STRING;
  return Buffer.concat([text('def'), text(''), text(''), text(''), text(name), text(name), tail]);
}

export function rowPacket(values: readonly Value[]): Buffer {
  return Buffer.concat(values.map((value) => (value === null ? Buffer.from([0xfb]) : text(String(value)))));
}
