import { expect, it } from 'vitest';
import { amountText, bytesText, quantityNumber } from './quantity-text';

it.each([
  ['100m', 0.1],
  ['2', 2],
  ['1.5', 1.5],
  ['128Mi', 134_217_728],
  ['1e3', 1000],
  ['1E3', 1000],
  ['2E', 2e18],
  ['12k', 12_000],
  ['-5', -5],
])('reads the quantity %s', (quantity, number) => {
  expect(quantityNumber(quantity)).toBeCloseTo(number, 6);
});

it.each(['abc', '', undefined, '1Q'])('reads no number in %s', (quantity) => {
  expect(quantityNumber(quantity)).toBeNaN();
});

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
