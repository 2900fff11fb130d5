import { expect, it } from 'vitest';
import { nextIndent } from './yaml-indent';

it.each([
  ['metadata:', 2],
  ['  name: web', 2],
  ['  labels: # for the Service', 4],
  ['    - name: web', 6],
  ['    - env:', 8],
  ['  script: |', 4],
  ['  script: >-', 4],
  ['  url: http://x', 2],
  ['', 0],
])('after "%s" goes on at column %d', (line, columns) => {
  expect(nextIndent(line)).toBe(columns);
});
