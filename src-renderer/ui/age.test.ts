import { describe, expect, it } from 'vitest';
import { ageText } from './age';

describe('ageText', () => {
  it.each([
    [-5, '0s'],
    [48_000, '48s'],
    [119_999, '119s'],
    [120_000, '2m'],
    [200_000, '3m20s'],
    [600_000, '10m'],
    [179 * 60_000, '179m'],
    [3 * 3_600_000, '3h'],
    [5 * 3_600_000 + 600_000, '5h10m'],
    [47 * 3_600_000, '47h'],
    [99 * 3_600_000, '4d3h'],
    [34 * 86_400_000, '34d'],
    [3 * 365 * 86_400_000, '3y'],
  ])('writes %d ms as %s', (ms, text) => expect(ageText(ms)).toBe(text));
});
