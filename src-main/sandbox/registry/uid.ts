import type { Random } from '#common/base/random';

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** A version 4 UUID (RFC 9562) from four draws: every object gets one, and every request names itself by one. */
export function newUid(random: Random): string {
  const [a, b, c, d] = [word(random), word(random), word(random), word(random)];
  const versioned = (b & 0xffff0fff) | 0x4000;
  const variant = (c & 0x3fffffff) | 0x80000000;
  return `${hex(a, 24)}${hex(a, 16)}${hex(a, 8)}${hex(a, 0)}-${hex(b, 24)}${hex(b, 16)}-${hex(versioned, 8)}${hex(b, 0)}-${hex(variant, 24)}${hex(c, 16)}-${hex(c, 8)}${hex(c, 0)}${hex(d, 24)}${hex(d, 16)}${hex(d, 8)}${hex(d, 0)}`;
}

const word = (random: Random): number => Math.floor(random.next() * 2 ** 32);

const hex = (value: number, shift: number): string => HEX[(value >>> shift) & 255] ?? '';
