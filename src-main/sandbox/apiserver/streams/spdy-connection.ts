/**
 * The server's end of SPDY/3.1 as Kubernetes' clients use it for exec, attach and port-forward: streams that the client
 * opens, data both ways, pings. No flow control: the clients send none and heed none.
 */
import { Duplex } from 'node:stream';
import { SpdyHeaderCodec, uint32, type SpdyHeaders } from './spdy-headers';

const VERSION_3_CONTROL = 0x8003;
const TYPE = { synStream: 1, synReply: 2, rstStream: 3, ping: 6, goAway: 7, headers: 8 } as const;
const FIN = 1;
const HEAD_BYTES = 8;
const STREAM_ID = 0x7fffffff;
/** Bytes one stream may hold unread before the whole connection is held back. */
const MOST_UNREAD_BYTES = 2 ** 20;

export class SpdyConnection {
  readonly #io: Duplex;
  readonly #codec = new SpdyHeaderCodec();
  readonly #streams = new Map<number, SpdyStream>();
  readonly #onStream: (stream: SpdyStream) => void;
  readonly #closed: Promise<void>;
  #unread: Buffer = Buffer.alloc(0);

  /** `onStream` gets every stream that the client opens, its headers known. */
  constructor(io: Duplex, onStream: (stream: SpdyStream) => void) {
    this.#io = io;
    this.#onStream = onStream;
    this.#closed = new Promise((resolve) => io.once('close', resolve));
    io.on('data', (chunk: Buffer) => this.#receive(chunk));
    io.on('error', () => undefined);
    io.once('end', () => io.end());
    io.once('close', () => this.#endAll());
  }

  /** Resolves when the connection is gone. */
  get closed(): Promise<void> {
    return this.#closed;
  }

  close(): void {
    if (this.#io.destroyed) return;
    this.#control(TYPE.goAway, 0, Buffer.concat([uint32(Math.max(0, ...this.#streams.keys())), uint32(0)]));
    this.#io.end();
  }

  /** For streams alone. */
  sendData(id: number, content: Uint8Array, options: { fin: boolean; sent: () => void }): void {
    const head = Buffer.alloc(HEAD_BYTES);
    head.writeUInt32BE(id, 0);
    head[4] = options.fin ? FIN : 0;
    head.writeUIntBE(content.length, 5, 3);
    this.#write(Buffer.concat([head, content]), options.sent);
  }

  /** For streams alone: a reader has caught up. */
  resume(): void {
    this.#io.resume();
  }

  #receive(chunk: Buffer): void {
    this.#unread = this.#unread.length > 0 ? Buffer.concat([this.#unread, chunk]) : chunk;
    while (this.#unread.length >= HEAD_BYTES) {
      const length = this.#unread.readUIntBE(5, 3);
      if (this.#unread.length < HEAD_BYTES + length) return;
      const head = this.#unread.subarray(0, HEAD_BYTES);
      const content = this.#unread.subarray(HEAD_BYTES, HEAD_BYTES + length);
      this.#unread = this.#unread.subarray(HEAD_BYTES + length);
      try {
        this.#frame(head, content);
      } catch (problem) {
        this.#io.destroy(problem as Error);
        return;
      }
    }
  }

  #frame(head: Buffer, content: Buffer): void {
    const isControl = ((head[0] ?? 0) & 0x80) !== 0;
    const flags = head[4] ?? 0;
    if (!isControl) this.#data(head.readUInt32BE(0) & STREAM_ID, flags, content);
    else if (head.readUInt16BE(2) === TYPE.synStream) this.#open(content, flags);
    else if (head.readUInt16BE(2) === TYPE.rstStream) this.#reset(content.readUInt32BE(0) & STREAM_ID);
    else if (head.readUInt16BE(2) === TYPE.ping) this.#control(TYPE.ping, 0, content);
    // Their headers say nothing to us, but the compression counts every block.
    else if (head.readUInt16BE(2) === TYPE.headers) this.#codec.read(content.subarray(4));
  }

  #open(content: Buffer, flags: number): void {
    const id = content.readUInt32BE(0) & STREAM_ID;
    const stream = new SpdyStream(this, id, this.#codec.read(content.subarray(10)));
    this.#streams.set(id, stream);
    stream.once('close', () => this.#streams.delete(id));
    this.#control(TYPE.synReply, 0, Buffer.concat([uint32(id), this.#codec.write({})]));
    if (flags & FIN) stream.push(null);
    this.#onStream(stream);
  }

  #data(id: number, flags: number, content: Buffer): void {
    const stream = this.#streams.get(id);
    if (!stream) return;
    if (content.length > 0 && !stream.push(Buffer.from(content)) && stream.readableLength > MOST_UNREAD_BYTES) {
      this.#io.pause();
    }
    if (flags & FIN) stream.push(null);
  }

  #reset(id: number): void {
    this.#streams.get(id)?.destroy();
  }

  #endAll(): void {
    for (const stream of this.#streams.values()) stream.destroy();
    this.#streams.clear();
  }

  #control(type: number, flags: number, content: Buffer): void {
    const head = Buffer.alloc(HEAD_BYTES);
    head.writeUInt16BE(VERSION_3_CONTROL, 0);
    head.writeUInt16BE(type, 2);
    head[4] = flags;
    head.writeUIntBE(content.length, 5, 3);
    this.#write(Buffer.concat([head, content]));
  }

  #write(bytes: Buffer, sent?: () => void): void {
    if (this.#io.writable) this.#io.write(bytes, () => sent?.());
    else sent?.();
  }
}

/** One stream of a connection; ending it half-closes it. */
export class SpdyStream extends Duplex {
  readonly headers: SpdyHeaders;
  readonly #connection: SpdyConnection;
  readonly #id: number;

  constructor(connection: SpdyConnection, id: number, headers: SpdyHeaders) {
    super({ allowHalfOpen: true });
    this.#connection = connection;
    this.#id = id;
    this.headers = headers;
    // Resets come as destruction; whoever reads or writes learns of it there.
    this.on('error', () => undefined);
  }

  override _read(): void {
    this.#connection.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#connection.sendData(this.#id, chunk, { fin: false, sent: done });
  }

  override _final(done: () => void): void {
    this.#connection.sendData(this.#id, Buffer.alloc(0), { fin: true, sent: done });
  }
}
