import { describe, expect, it } from 'vitest';
import { describeTrial, problemsOf, trial } from './trial';

/** `npm run properties -- --from SEED --seeds 1` tells more, and tries more. */
describe('a cluster that was mistreated and then left alone', () => {
  it.each([1, 2, 5, 8])('is in order again (seed %d)', { timeout: 120_000 }, async (seed) => {
    const history = trial(seed, 25);
    expect(await problemsOf(history), describeTrial(history)).toEqual([]);
  });
});
