import { describe, expect, it } from 'vitest';
import type { Toleration } from '#common/kube/types';
import { untilEvicted } from './taint-eviction';

const NOW = Date.UTC(2026, 0, 1);
const taint = { key: 'node.kubernetes.io/not-ready', effect: 'NoExecute', timeAdded: '2025-12-31T23:59:00Z' };
const pod = (...tolerations: Toleration[]) => ({ spec: { containers: [], tolerations } });

describe('untilEvicted', () => {
  it.each([
    { case: 'no toleration', tolerations: [], leftMs: 0 },
    { case: 'stands it for good', tolerations: [{ operator: 'Exists' }], leftMs: undefined },
    {
      case: 'stands it for five minutes, one of which has passed',
      tolerations: [{ key: taint.key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 }],
      leftMs: 240_000,
    },
    {
      case: 'its time is over',
      tolerations: [{ key: taint.key, operator: 'Exists', tolerationSeconds: 30 }],
      leftMs: 0,
    },
    { case: 'stands another taint only', tolerations: [{ key: 'x', operator: 'Exists' }], leftMs: 0 },
  ])('$case', ({ tolerations, leftMs }) => {
    expect(untilEvicted(pod(...tolerations), [taint], NOW)).toBe(leftMs);
  });

  it('heeds no taint that only keeps new Pods away', () => {
    expect(untilEvicted(pod(), [{ ...taint, effect: 'NoSchedule' }], NOW)).toBeUndefined();
  });
});
