import { describe, expect, it } from 'vitest';
import { conditionRows, conditionTone } from './conditions';

describe('conditionTone', () => {
  it.each([
    ['Ready', 'True', '', 'ok'],
    ['Ready', 'False', '', 'warn'],
    ['Ready', 'Unknown', 'NodeStatusUnknown', 'warn'],
    ['Ready', 'False', 'PodCompleted', 'done'],
    ['MemoryPressure', 'False', '', 'ok'],
    ['MemoryPressure', 'True', '', 'bad'],
    ['NetworkUnavailable', 'True', '', 'bad'],
    ['ReplicaFailure', 'True', '', 'bad'],
    ['Progressing', 'False', 'ProgressDeadlineExceeded', 'bad'],
    ['Complete', 'True', '', 'done'],
    ['Anything', 'Maybe', '', 'none'],
  ] as const)('%s=%s %s is %s', (type, status, reason, tone) => {
    expect(conditionTone(type, status, reason)).toBe(tone);
  });
});

describe('conditionRows', () => {
  it('puts the worst first and keeps the order of the others', () => {
    const object = {
      status: {
        conditions: [
          { type: 'Initialized', status: 'True', lastTransitionTime: '2026-11-20T09:29:02Z' },
          {
            type: 'Ready',
            status: 'False',
            reason: 'ContainersNotReady',
            message: 'containers with unready status: [web]',
          },
          { type: 'PodScheduled', status: 'True' },
        ],
      },
    };
    expect(conditionRows(object).map(({ type, since }) => [type, since])).toEqual([
      ['Ready', undefined],
      ['Initialized', Date.UTC(2026, 10, 20, 9, 29, 2)],
      ['PodScheduled', undefined],
    ]);
  });

  it.each([undefined, {}, { status: {} }, { status: { conditions: 'no' } }, { status: { conditions: [null, 1, {}] } }])(
    'finds none in %j',
    (object) => {
      expect(conditionRows(object)).toEqual([]);
    },
  );
});
