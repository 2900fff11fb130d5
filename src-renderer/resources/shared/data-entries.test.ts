import { expect, it } from 'vitest';
import { base64Length, dataEntries, looksBinary } from './data-entries';

it('lists keys by name with the size of their values', () => {
  expect(dataEntries({ data: { b: 'grün', a: '' }, binaryData: { 'c.bin': 'AAECAw==' } })).toEqual([
    { key: 'a', text: '', bytes: 0 },
    { key: 'b', text: 'grün', bytes: 5 },
    { key: 'c.bin', text: undefined, bytes: 4 },
  ]);
  expect(dataEntries({})).toEqual([]);
});

it.each([
  ['', 0],
  ['AA==', 1],
  ['AAE=', 2],
  ['AAEC', 3],
])('%s stands for %d bytes', (base64, bytes) => {
  expect(base64Length(base64)).toBe(bytes);
});

it('tells text from bytes', () => {
  expect([looksBinary('a\tb\r\n'), looksBinary('\u0000x'), looksBinary('\ufffd')]).toEqual([false, true, true]);
});
