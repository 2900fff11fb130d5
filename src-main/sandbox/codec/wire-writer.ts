/** Writes the protobuf wire format; knows nothing of messages. */
import { Buffer } from 'node:buffer';
import { WIRE } from './wire-reader';

/** Grows as it is written; `bytes` is a copy of what was. */
export class WireWriter {
  #buffer = Buffer.allocUnsafe(1024);
  #at = 0;

  get bytes(): Buffer {
    return Buffer.from(this.#buffer.subarray(0, this.#at));
  }

  tag(number: number, type: number): void {
    this.#varint((number << 3) | type);
  }

  int64(number: number, value: number): void {
    this.tag(number, WIRE.varint);
    if (value >= 0) this.#varint(value);
    else this.#bigVarint(BigInt.asUintN(64, BigInt(value)));
  }

  bool(number: number, value: boolean): void {
    this.int64(number, value ? 1 : 0);
  }

  double(number: number, value: number): void {
    this.tag(number, WIRE.fixed64);
    this.#reserve(8);
    this.#buffer.writeDoubleLE(value, this.#at);
    this.#at += 8;
  }

  string(number: number, value: string): void {
    this.tag(number, WIRE.bytes);
    const length = Buffer.byteLength(value);
    this.#varint(length);
    this.#reserve(length);
    this.#at += this.#buffer.write(value, this.#at, length, 'utf8');
  }

  block(number: number, value: Uint8Array): void {
    this.tag(number, WIRE.bytes);
    this.#varint(value.length);
    this.#reserve(value.length);
    this.#buffer.set(value, this.#at);
    this.#at += value.length;
  }

  /** A message inside of this one; its length is put in front when it is known. */
  message(number: number, write: () => void): void {
    this.tag(number, WIRE.bytes);
    const lengthAt = this.#at;
    this.#reserve(1);
    this.#at += 1;
    write();
    const length = this.#at - lengthAt - 1;
    const more = varintSize(length) - 1;
    if (more > 0) {
      this.#reserve(more);
      this.#buffer.copyWithin(lengthAt + 1 + more, lengthAt + 1, this.#at);
    }
    this.#at = lengthAt;
    this.#varint(length);
    this.#at += length;
  }

  #varint(value: number): void {
    this.#reserve(10);
    let left = value;
    while (left >= 0x80) {
      this.#buffer[this.#at++] = (left % 0x80) | 0x80;
      left = Math.floor(left / 0x80);
    }
    this.#buffer[this.#at++] = left;
  }

  #bigVarint(value: bigint): void {
    this.#reserve(10);
    let left = value;
    while (left >= 0x80n) {
      this.#buffer[this.#at++] = Number(left & 0x7fn) | 0x80;
      left >>= 7n;
    }
    this.#buffer[this.#at++] = Number(left);
  }

  #reserve(bytes: number): void {
    if (this.#at + bytes <= this.#buffer.length) return;
    const grown = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, this.#at + bytes));
    this.#buffer.copy(grown, 0, 0, this.#at);
    this.#buffer = grown;
  }
}

function varintSize(value: number): number {
  let size = 1;
  for (let left = value; left >= 0x80; left = Math.floor(left / 0x80)) size++;
  return size;
}
