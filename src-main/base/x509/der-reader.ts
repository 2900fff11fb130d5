/** Reads ASN.1's distinguished encoding: elements with definite lengths, nothing else. */

export interface DerElement {
  /** The whole identifier byte: class, form and number. */
  tag: number;
  content: Uint8Array;
  /** Header and content. */
  whole: Uint8Array;
}

/** Thrown for bytes that are no distinguished encoding, or end too early. */
export class DerError extends Error {}

/** The elements that lie one behind the other. */
export function elementsOf(bytes: Uint8Array): DerElement[] {
  const elements: DerElement[] = [];
  for (let at = 0; at < bytes.length;) {
    const element = elementAt(bytes, at);
    elements.push(element);
    at += element.whole.length;
  }
  return elements;
}

/** The only element of `bytes`; whatever follows is an error. */
export function onlyElement(bytes: Uint8Array): DerElement {
  const element = elementAt(bytes, 0);
  if (element.whole.length !== bytes.length) throw new DerError('asn1: syntax error: trailing data');
  return element;
}

function elementAt(bytes: Uint8Array, start: number): DerElement {
  const tag = byteAt(bytes, start);
  const first = byteAt(bytes, start + 1);
  let at = start + 2;
  let length = first;
  if (first >= 0x80) {
    const digits = first & 0x7f;
    if (digits === 0 || digits > 4) throw new DerError('asn1: structure error: length too large');
    length = 0;
    for (let index = 0; index < digits; index++) length = length * 256 + byteAt(bytes, at++);
  }
  if (at + length > bytes.length) throw new DerError('asn1: syntax error: data truncated');
  return { tag, content: bytes.subarray(at, at + length), whole: bytes.subarray(start, at + length) };
}

function byteAt(bytes: Uint8Array, at: number): number {
  const byte = bytes[at];
  if (byte === undefined) throw new DerError('asn1: syntax error: truncated tag or length');
  return byte;
}

/** `1.2.840.10045.4.3.2` from the content of an OBJECT IDENTIFIER. */
export function objectIdText(content: Uint8Array): string {
  const [first = 0, ...rest] = content;
  const parts = [Math.floor(first / 40), first % 40];
  let value = 0;
  for (const byte of rest) {
    value = value * 128 + (byte & 0x7f);
    if (byte < 0x80) {
      parts.push(value);
      value = 0;
    }
  }
  return parts.join('.');
}
