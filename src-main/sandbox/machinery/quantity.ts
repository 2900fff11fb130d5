/**
 * Quantities as the API server writes them back: `0.5` becomes `500m`, `1024Mi` becomes `1Gi`, what is in canonical form
 * already stays as it is.
 */

const EXPRESSION = '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$';
const PARTS = /^([+-]?)([0-9]*)(?:\.([0-9]*))?([eEinumkKMGTP]*[-+]?[0-9]*)$/;

/** Canonical at sight: up to three digits without a leading zero, with or without a suffix. */
const PLAIN = /^(0|[1-9][0-9]{0,2}(m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)?)$/;

const DECIMAL: Record<string, number> = { n: -9, u: -6, m: -3, '': 0, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 };
const BINARY: Record<string, number> = { Ki: 10, Mi: 20, Gi: 30, Ti: 40, Pi: 50, Ei: 60 };

type Format = 'decimal' | 'exponent' | 'binary';

interface Suffix {
  format: Format;
  /** Power of ten, or of two for the binary format. */
  exponent: number;
}

const MAX_INT64 = (1n << 63n) - 1n;
const NANO = 1_000_000_000n;
const CACHE_LIMIT = 10_000;

/** A text that is no quantity; the message is the server's own. */
export class QuantityError extends Error {
  override readonly name = 'QuantityError';
}

const canonicalForms = new Map<string, string>();

/** The text a server answers with for `text`; throws QuantityError. */
export function canonicalQuantity(text: string): string {
  if (PLAIN.test(text)) return text;
  const known = canonicalForms.get(text);
  if (known !== undefined) return known;
  const form = canonicalise(text.trim());
  if (canonicalForms.size >= CACHE_LIMIT) canonicalForms.clear();
  canonicalForms.set(text, form);
  return form;
}

/** The value in units of 10⁻⁹, rounded away from zero, as the server keeps it; throws QuantityError. */
export function quantityNanos(text: string): bigint {
  const { negative, whole, fraction, suffix } = parse(text.trim());
  const value = nanos(whole, fraction, suffix);
  return negative ? -value : value;
}

/** Rounds up to thousandths, as limits and requests are when a kind is defaulted. */
export function roundUpToMilli(text: string): string {
  if (PLAIN.test(text)) return text;
  const value = quantityNanos(text);
  const rest = value % 1_000_000n;
  if (rest === 0n) return canonicalQuantity(text);
  const rounded = value - rest + (value > 0n ? 1_000_000n : 0n);
  return write(rounded, parse(text.trim()).suffix.format);
}

function canonicalise(text: string): string {
  const { negative, whole, fraction, suffix } = parse(text);
  if (isCanonical(whole, fraction, suffix)) return text;
  const value = nanos(whole, fraction, suffix);
  return write(negative ? -value : value, suffix.format);
}

function parse(text: string) {
  const match = PARTS.exec(text);
  if (!match || (!match[2] && !match[3])) {
    throw new QuantityError(`quantities must match the regular expression '${EXPRESSION}'`);
  }
  const suffix = suffixOf(match[4] ?? '');
  if (!suffix) throw new QuantityError("unable to parse quantity's suffix");
  return { negative: match[1] === '-', whole: match[2] ?? '', fraction: match[3] ?? '', suffix };
}

function suffixOf(text: string): Suffix | undefined {
  const decimal = DECIMAL[text];
  if (decimal !== undefined) return { format: 'decimal', exponent: decimal };
  const binary = BINARY[text];
  if (binary !== undefined) return { format: 'binary', exponent: binary };
  if (/^[eE][-+]?[0-9]+$/.test(text)) return { format: 'exponent', exponent: Number(text.slice(1)) };
  return undefined;
}

/** The server keeps a text that needs no rescaling, by a rule of thumb rather than by value: `1.500` stays too. */
function isCanonical(whole: string, fraction: string, { format, exponent }: Suffix): boolean {
  const digits = whole + fraction;
  if (digits.length > 15) return false;
  if (format === 'binary') return fraction === '' && (Number(digits) & 7) !== 0;
  const scale = exponent - fraction.length;
  return scale >= -9 && scale % 3 === 0 && !digits.endsWith('000') && !digits.startsWith('0');
}

function nanos(whole: string, fraction: string, { format, exponent }: Suffix): bigint {
  const digits = BigInt(whole + fraction);
  if (format === 'binary') {
    const scaled = digits * (1n << BigInt(exponent)) * NANO;
    const value = divideUp(scaled, 10n ** BigInt(fraction.length));
    return value > MAX_INT64 * NANO ? MAX_INT64 * NANO : value;
  }
  const scale = exponent - fraction.length + 9;
  return scale >= 0
    ? digits * 10n ** BigInt(Math.min(scale, 60))
    : divideUp(digits, 10n ** BigInt(Math.min(-scale, 60)));
}

const divideUp = (value: bigint, by: bigint): bigint => (value + by - 1n) / by;

function write(value: bigint, format: Format): string {
  if (value === 0n) return '0';
  const sign = value < 0n ? '-' : '';
  const size = value < 0n ? -value : value;
  if (format === 'binary' && size >= 1024n * NANO) return sign + writeBinary(divideUp(size, NANO));
  return sign + writeDecimal(size, format === 'exponent');
}

function writeBinary(value: bigint): string {
  const suffixes = ['', ...Object.keys(BINARY)];
  let step = 0;
  let left = value;
  while (left % 1024n === 0n && step < suffixes.length - 1) {
    left /= 1024n;
    step++;
  }
  return `${left}${suffixes[step] ?? ''}`;
}

function writeDecimal(value: bigint, asExponent: boolean): string {
  const suffixes = Object.keys(DECIMAL);
  let exponent = -9;
  let left = value;
  while (left % 1000n === 0n && exponent < 18) {
    left /= 1000n;
    exponent += 3;
  }
  if (asExponent) return exponent === 0 ? `${left}` : `${left}e${exponent}`;
  return `${left}${suffixes[exponent / 3 + 3] ?? ''}`;
}

/** The sum in the style (decimal or binary suffix) of the first that is not zero; throws QuantityError. */
export function addQuantities(left: string, right: string): string {
  const [a, b] = [quantityNanos(left), quantityNanos(right)];
  return write(a + b, parse((a === 0n ? right : left).trim()).suffix.format);
}

/** The greater of two; the first where they are equal. */
export function greaterQuantity(left: string, right: string): string {
  return quantityNanos(right) > quantityNanos(left) ? right : left;
}
