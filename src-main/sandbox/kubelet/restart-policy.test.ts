import { describe, expect, it } from 'vitest';
import { failuresAfter, goMillis, goSeconds, pullDelayMs, restartDelayMs, sequelOf } from './restart-policy';

describe('restart policy', () => {
  const rules = (action: string, operator: string) => [{ action, exitCodes: { operator, values: [42] } }];

  it.each([
    { case: 'Always, success', pod: 'Always', container: {}, exitCode: 0, sequel: 'restart' },
    { case: 'OnFailure, success', pod: 'OnFailure', container: {}, exitCode: 0, sequel: 'end' },
    { case: 'OnFailure, failure', pod: 'OnFailure', container: {}, exitCode: 1, sequel: 'restart' },
    { case: 'Never, failure', pod: 'Never', container: {}, exitCode: 1, sequel: 'end' },
    {
      case: 'a rule that is met',
      pod: 'Always',
      container: { restartPolicy: 'Never', restartPolicyRules: rules('Restart', 'In') },
      exitCode: 42,
      sequel: 'restart',
    },
    {
      case: 'a rule that is not met',
      pod: 'Always',
      container: { restartPolicy: 'Never', restartPolicyRules: rules('Restart', 'In') },
      exitCode: 1,
      sequel: 'end',
    },
    {
      case: 'a rule for all containers',
      pod: 'Never',
      container: { restartPolicy: 'Never', restartPolicyRules: rules('RestartAllContainers', 'NotIn') },
      exitCode: 1,
      sequel: 'restart-all',
    },
  ])('$case', ({ pod, container, exitCode, sequel }) => {
    expect(sequelOf(container, pod, exitCode)).toBe(sequel);
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
