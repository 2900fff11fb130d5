import { describe, expect, it } from 'vitest';
import { unifiedDiff } from './unified-diff';

const lines = (...names: (string | number)[]): string => names.join('\n');

describe('unifiedDiff', () => {
  it('says nothing of what is the same', () => {
    expect(unifiedDiff(lines(1, 2), lines(1, 2))).toBe('');
  });

  it('shows what was replaced with three lines around it', () => {
    const before = lines(1, 2, 3, 4, 5, 6, 7, 8, 9);
    expect(unifiedDiff(before, before.replace('5', 'x'))).toBe('@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+x\n 6\n 7\n 8\n');
  });

  it('keeps changes apart that are far from one another', () => {
    const before = lines(...Array.from({ length: 20 }, (_, at) => `line ${at}`));
    const after = before.replace('line 1\n', '').replace('line 18', 'other');
    expect(unifiedDiff(before, after).match(/^@@.*@@$/gm)).toEqual(['@@ -1,5 +1,4 @@', '@@ -16,5 +15,5 @@']);
  });
});
