import { expect, it } from 'vitest';
import { createCatalogues } from './catalogues';

const sources = import.meta.glob<string>(['../**/*.vue', '../**/*.ts', '!../**/*.test.ts'], {
  query: '?raw',
  import: 'default',
  eager: true,
});
/** Keys that are written out: `t('frame.retry')`. Those that are put together are checked where they are made. */
const KEY = /\bt\(\s*'([a-z]+(?:\.[A-Za-z0-9]+)+)'/g;

it('has every word that the window asks for', () => {
  const words = createCatalogues('en').global;
  const asked = Object.entries(sources).flatMap(([file, text]) =>
    [...text.matchAll(KEY)].map(([, key]) => ({ file, key: key ?? '' })),
  );
  expect(asked.length).toBeGreaterThan(100);
  expect(asked.filter(({ key }) => !words.te(key))).toEqual([]);
});
