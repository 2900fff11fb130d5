import { describe, expect, it } from 'vitest';
import type { HorizontalPodAutoscalerBehavior } from '#common/kube/types';
import { scalingVerdict, type Moment, type ScalingHistory } from './scaling-rules';

const NOW = 10_000_000;
const ago = (seconds: number, replicas: number): Moment => ({ atMs: NOW - seconds * 1000, replicas });
const history = (part: Partial<ScalingHistory> = {}): ScalingHistory => ({
  recommendations: [],
  ups: [],
  downs: [],
  ...part,
});
const ask = (current: number, wanted: number) => ({ current, wanted, min: 2, max: 20, nowMs: NOW });

describe('an autoscaler without a behaviour', () => {
  it.each([
    { case: 'grows', current: 5, wanted: 8, replicas: 8, reason: 'DesiredWithinRange' },
    { case: 'at most doubles', current: 5, wanted: 19, replicas: 10, reason: 'ScaleUpLimit' },
    { case: 'may go to four at once', current: 1, wanted: 9, replicas: 4, reason: 'ScaleUpLimit' },
    { case: 'stays below its maximum', current: 15, wanted: 40, replicas: 20, reason: 'TooManyReplicas' },
    { case: 'stays above its minimum', current: 5, wanted: 1, replicas: 2, reason: 'TooFewReplicas' },
  ])('$case', ({ current, wanted, replicas, reason }) => {
    const verdict = scalingVerdict(ask(current, wanted), undefined, history());
    expect([verdict.replicas, verdict.limited.reason]).toEqual([replicas, reason]);
    expect(verdict.limited.isLimited).toBe(reason !== 'DesiredWithinRange');
  });

  it('does not shrink below what it recommended in the last five minutes', () => {
    const recommendations = [ago(301, 12), ago(200, 7), ago(20, 3)];
    const verdict = scalingVerdict(ask(8, 3), undefined, history({ recommendations }));
    expect([verdict.replicas, verdict.able.reason]).toEqual([7, 'ScaleDownStabilized']);
  });
});

const behavior = (part: HorizontalPodAutoscalerBehavior): HorizontalPodAutoscalerBehavior => ({
  scaleUp: {
    stabilizationWindowSeconds: 0,
    selectPolicy: 'Max',
    policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }],
  },
  scaleDown: { selectPolicy: 'Max', policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }] },
  ...part,
});

describe('an autoscaler with a behaviour', () => {
  const twoPods = [{ type: 'Pods', value: 2, periodSeconds: 60 }];

  it.each([
    { case: 'adds as many as the policy allows', ups: [], replicas: 7, reason: 'ScaleUpLimit' },
    { case: 'counts what it added before', ups: [ago(30, 2)], replicas: 5, reason: 'ScaleUpLimit' },
    { case: 'forgets what is older than the period', ups: [ago(61, 2)], replicas: 7, reason: 'ScaleUpLimit' },
  ])('$case', ({ ups, replicas, reason }) => {
    const rules = behavior({ scaleUp: { stabilizationWindowSeconds: 0, selectPolicy: 'Max', policies: twoPods } });
    const verdict = scalingVerdict(ask(5, 15), rules, history({ ups }));
    expect([verdict.replicas, verdict.limited.reason]).toEqual([replicas, reason]);
  });

  it.each([
    { selectPolicy: 'Max', replicas: 5 },
    { selectPolicy: 'Min', replicas: 8 },
    { selectPolicy: 'Disabled', replicas: 10 },
  ])('takes away by $selectPolicy', ({ selectPolicy, replicas }) => {
    const policies = [...twoPods, { type: 'Percent', value: 50, periodSeconds: 60 }];
    const rules = behavior({ scaleDown: { stabilizationWindowSeconds: 0, selectPolicy, policies } });
    const verdict = scalingVerdict(ask(10, 2), rules, history());
    expect([verdict.replicas, verdict.limited.reason]).toEqual([replicas, 'ScaleDownLimit']);
  });

  it('waits with growth until all of its window agrees', () => {
    const rules = behavior({ scaleUp: { ...behavior({}).scaleUp, stabilizationWindowSeconds: 60 } });
    const recommendations = [ago(50, 6), ago(30, 9)];
    const verdict = scalingVerdict(ask(5, 10), rules, history({ recommendations }));
    expect([verdict.replicas, verdict.able.reason]).toEqual([6, 'ScaleUpStabilized']);
  });

  it('shrinks at once where the window is nothing', () => {
    const rules = behavior({ scaleDown: { ...behavior({}).scaleDown, stabilizationWindowSeconds: 0 } });
    const recommendations = [ago(10, 9)];
    expect(scalingVerdict(ask(9, 3), rules, history({ recommendations })).replicas).toBe(3);
  });
});
