import { expect, it } from 'vitest';
import { amountText, bytesText } from './quantity-text';

it.each([
  [0, '0 B'],
  [512, '512 B'],
  [88_080_384, '84 MiB'],
  [16_786_681_856, '15.6 GiB'],
  [Number.NaN, '–'],
])('says %d bytes as %s', (bytes, text) => {
  expect(bytesText(bytes)).toBe(text);
});

it.each([
  ['cpu', '3920m', '3.92'],
  ['memory', '16393244Ki', '15.6 GiB'],
  ['pods', '110', '110'],
  ['example.com/gpu', 'odd', 'odd'],
])('says %s %s as %s', (resource, quantity, text) => {
  expect(amountText(resource, quantity)).toBe(text);
});
