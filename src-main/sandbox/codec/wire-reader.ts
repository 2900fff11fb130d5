/** Reads the protobuf wire format; knows nothing of messages. */

/** Bytes that end early or hold an impossible tag. */
export class WireFormatError extends Error {
  override readonly name = 'WireFormatError';
}

export const WIRE = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

const text = new TextDecoder('utf-8');

export class WireReader {
  readonly #bytes: Uint8Array;
  readonly #end: number;
  #at: number;

  constructor(bytes: Uint8Array, start = 0, end = bytes.length) {
    this.#bytes = bytes;
    this.#at = start;
    this.#end = end;
  }

  get done(): boolean {
    return this.#at >= this.#end;
  }

  /** The next tag: field number and wire type. */
  tag(): { number: number; type: number } {
    const tag = this.uint32();
    const number = tag >>> 3;
    if (number === 0) throw new WireFormatError('proto: illegal tag 0');
    return { number, type: tag & 7 };
  }

  uint32(): number {
    return Number(BigInt.asUintN(32, this.#varint()));
  }

  /** Two's complement, as proto2 writes int32 and int64; exact up to 2⁵³. */
  int64(): number {
    let value = 0;
    let scale = 1;
    for (let count = 0; count < 7; count++) {
      const byte = this.#byte();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      scale *= 128;
    }
    this.#at -= 7;
    return Number(BigInt.asIntN(64, this.#varint()));
  }

  bool(): boolean {
    return this.#varint() !== 0n;
  }

  double(): number {
    const start = this.#take(8);
    return new DataView(this.#bytes.buffer, this.#bytes.byteOffset + start, 8).getFloat64(0, true);
  }

  bytes(): Uint8Array {
    const length = this.uint32();
    const start = this.#take(length);
    return this.#bytes.subarray(start, start + length);
  }

  string(): string {
    return text.decode(this.bytes());
  }

  /** A reader of the next length-delimited message. */
  message(): WireReader {
    const length = this.uint32();
    const start = this.#take(length);
    return new WireReader(this.#bytes, start, start + length);
  }

  skip(type: number): void {
    if (type === WIRE.varint) this.#varint();
    else if (type === WIRE.fixed64) this.#take(8);
    else if (type === WIRE.bytes) this.#take(this.uint32());
    else if (type === WIRE.fixed32) this.#take(4);
    else throw new WireFormatError(`proto: illegal wireType ${type}`);
  }

  #varint(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.#byte();
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    throw new WireFormatError('proto: integer overflow');
  }

  #byte(): number {
    const byte = this.#at < this.#end ? this.#bytes[this.#at++] : undefined;
    if (byte === undefined) throw new WireFormatError('unexpected EOF');
    return byte;
  }

  #take(length: number): number {
    const start = this.#at;
    if (start + length > this.#end) throw new WireFormatError('unexpected EOF');
    this.#at += length;
    return start;
  }
}
