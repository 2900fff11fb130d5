import { describe, expect, it } from 'vitest';
import type { HorizontalPodAutoscaler, MetricSpec } from '#common/kube/types';
import { answerOf, type MetricContext, type MetricError } from './metric-proposals';

const context = { autoscaler: { metadata: { name: 'web', namespace: 'shop' }, spec: {} } as HorizontalPodAutoscaler };

const reasons = (spec: MetricSpec) =>
  answerOf(spec, context as MetricContext).then(
    () => undefined,
    ({ reason, why, message }: MetricError) => ({ reason, why, message }),
  );

const NO_API =
  'unable to fetch metrics from custom metrics API: no custom metrics API (custom.metrics.k8s.io) registered';
const target = { type: 'Value', value: '10' };
const ingress = { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', name: 'front' };

describe('metrics that nobody serves', () => {
  it.each<{ spec: MetricSpec; reason: string; why: string; where: string; more?: string }>([
    {
      spec: { type: 'Pods', pods: { metric: { name: 'rps' }, target: { type: 'AverageValue', averageValue: '1k' } } },
      reason: 'FailedGetPodsMetric',
      why: `unable to get metric rps: ${NO_API}`,
      where: 'pods',
    },
    {
      spec: { type: 'Object', object: { metric: { name: 'hits' }, describedObject: ingress, target } },
      reason: 'FailedGetObjectMetric',
      why: `unable to get metric hits: Ingress on shop front/${NO_API}`,
      where: 'object',
    },
    {
      spec: { type: 'External', external: { metric: { name: 'queue' }, target } },
      reason: 'FailedGetExternalMetric',
      why: 'unable to get external metric shop/queue/nil: unable to fetch metrics from external metrics API: the server could not find the requested resource (get queue.external.metrics.k8s.io)',
      where: 'queue external',
      more: 'failed to get external metric queue: ',
    },
  ])('$reason', async ({ spec, reason, why, where, more = '' }) => {
    expect(await reasons(spec)).toEqual({ reason, why, message: `failed to get ${where} metric value: ${more}${why}` });
  });
});
