import { describe, expect, it } from 'vitest';
import { canonicalQuantity, quantityNanos, roundUpToMilli } from './quantity';

describe('canonicalQuantity', () => {
  it.each([
    ['0', '0'],
    ['1', '1'],
    ['100m', '100m'],
    ['1500m', '1500m'],
    ['0.5', '500m'],
    ['1.0', '1'],
    ['.25', '250m'],
    ['1000m', '1'],
    ['2000m', '2'],
    ['1000', '1k'],
    ['1500', '1500'],
    ['128974848', '128974848'],
    ['129e6', '129e6'],
    ['1e3', '1e3'],
    ['12e1', '120'],
    ['100Mi', '100Mi'],
    ['1024Mi', '1Gi'],
    ['1024', '1024'],
    ['512Ki', '512Ki'],
    ['1.5Gi', '1536Mi'],
    ['0.5Gi', '512Mi'],
    ['0.5Ki', '512'],
    ['0.1Ki', '102400m'],
    ['8Gi', '8Gi'],
    ['16384Mi', '16Gi'],
    ['1.500', '1.500'],
    ['0.0000000001', '1n'],
    ['-2000m', '-2'],
    ['100000000000000000000Gi', '9223372036854775807'],
    [' 0.5 ', '500m'],
  ])('%s is written back as %s', (text, canonical) => {
    expect(canonicalQuantity(text)).toBe(canonical);
  });

  it.each(['', 'abc', '1.2.3', '.', 'Mi'])('refuses %j by the expression', (text) => {
    expect(() => canonicalQuantity(text)).toThrow(
      "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
    );
  });

  it.each(['1mi', '1K', '5GG', '1ek'])('refuses the suffix of %s', (text) => {
    expect(() => canonicalQuantity(text)).toThrow("unable to parse quantity's suffix");
  });
});

describe('quantityNanos', () => {
  it.each([
    ['1', 1_000_000_000n],
    ['250m', 250_000_000n],
    ['1Ki', 1024_000_000_000n],
    ['-1', -1_000_000_000n],
  ])('%s', (text, nanos) => expect(quantityNanos(text)).toBe(nanos));
});

describe('roundUpToMilli', () => {
  it.each([
    ['0.6m', '1m'],
    ['1500u', '2m'],
    ['100m', '100m'],
    ['1Gi', '1Gi'],
    ['2.0005', '2001m'],
  ])('%s becomes %s', (text, rounded) => expect(roundUpToMilli(text)).toBe(rounded));
});
