import { describe, expect, it } from 'vitest';
import { Slice } from './slice';

describe('Slice', () => {
  it('lets others have their turn when it is over, and begins anew', async () => {
    let nowMs = 0;
    const slice = new Slice(4, () => nowMs);
    nowMs = 3;
    expect(slice.pause()).toBeUndefined();
    nowMs = 4;
    const turns: string[] = [];
    setImmediate(() => turns.push('other'));
    await slice.pause();
    expect(turns).toEqual(['other']);
    nowMs = 7;
    expect(slice.pause()).toBeUndefined();
    nowMs = 8;
    expect(slice.pause()).toBeInstanceOf(Promise);
  });
});
