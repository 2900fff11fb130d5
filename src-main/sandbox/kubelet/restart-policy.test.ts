import { describe, expect, it } from 'vitest';
import { failuresAfter, goMillis, goSeconds, pullDelayMs, restartDelayMs, restarts } from './restart-policy';

describe('restart policy', () => {
  it.each([
    { policy: 'Always', exitCode: 0, again: true },
    { policy: 'OnFailure', exitCode: 0, again: false },
    { policy: 'OnFailure', exitCode: 1, again: true },
    { policy: 'Never', exitCode: 1, again: false },
  ])('$policy with exit code $exitCode: $again', ({ policy, exitCode, again }) => {
    expect(restarts(policy, exitCode)).toBe(again);
  });

  it('restarts at once first, then doubles from 10 s to 5 min', () => {
    expect([1, 2, 3, 4, 5, 6, 7, 8].map(restartDelayMs)).toEqual([0, 10e3, 20e3, 40e3, 80e3, 160e3, 300e3, 300e3]);
    expect([1, 2, 3].map(pullDelayMs)).toEqual([10e3, 20e3, 40e3]);
  });

  it('forgets failures of a container that ran for ten minutes', () => {
    expect([failuresAfter(4, 1000), failuresAfter(4, 600_000)]).toEqual([5, 1]);
  });

  it('writes durations as Go does', () => {
    expect([goSeconds(10e3), goSeconds(80e3), goSeconds(300e3)]).toEqual(['10s', '1m20s', '5m0s']);
    expect([goMillis(0.2), goMillis(812.4), goMillis(1203)]).toEqual(['1ms', '812ms', '1.203s']);
  });
});
