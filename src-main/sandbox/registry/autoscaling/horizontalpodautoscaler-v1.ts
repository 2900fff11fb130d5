/**
 * autoscaling/v1 knows CPU utilization only; the other metrics, the conditions and the behaviour of the stored v2 object
 * travel in annotations, as they do between the versions of a real server.
 */
import type { AnyObject } from '#common/kube/object';
import type { HorizontalPodAutoscaler, HorizontalPodAutoscalerV1, MetricSpec } from '#common/kube/types';

const METRICS = 'autoscaling.alpha.kubernetes.io/metrics';
const BEHAVIOR = 'autoscaling.alpha.kubernetes.io/behavior';
const CONDITIONS = 'autoscaling.alpha.kubernetes.io/conditions';
const CURRENT_METRICS = 'autoscaling.alpha.kubernetes.io/current-metrics';
const CARRIED = [METRICS, BEHAVIOR, CONDITIONS, CURRENT_METRICS];

export function autoscalerToV1(object: AnyObject): AnyObject {
  const { metadata, spec, status } = object as unknown as HorizontalPodAutoscaler;
  const cpu = spec.metrics?.find(isCpuUtilization);
  const others = spec.metrics?.filter((metric) => metric !== cpu) ?? [];
  const current = status?.currentMetrics?.find((metric) => metric.resource?.name === 'cpu');
  const annotations = { ...metadata.annotations };
  if (others.length > 0) annotations[METRICS] = JSON.stringify(others);
  if (spec.behavior) annotations[BEHAVIOR] = JSON.stringify(spec.behavior);
  if (status?.conditions?.length) annotations[CONDITIONS] = JSON.stringify(status.conditions);
  if (status?.currentMetrics?.length) annotations[CURRENT_METRICS] = JSON.stringify(status.currentMetrics);
  const { metrics: _metrics, behavior: _behavior, ...plainSpec } = spec;
  const { currentMetrics: _current, conditions: _conditions, ...plainStatus } = status ?? {};
  return withAnnotations(
    {
      kind: object.kind,
      apiVersion: 'autoscaling/v1',
      metadata,
      spec: { ...plainSpec, ...defined('targetCPUUtilizationPercentage', cpu?.resource?.target.averageUtilization) },
      status: {
        currentReplicas: 0,
        ...plainStatus,
        ...defined('currentCPUUtilizationPercentage', current?.resource?.current.averageUtilization),
      },
    },
    annotations,
  );
}

export function autoscalerFromV1(object: AnyObject): AnyObject {
  const { metadata, spec, status } = object as unknown as HorizontalPodAutoscalerV1;
  const annotations = { ...metadata.annotations };
  const { targetCPUUtilizationPercentage: target, ...plainSpec } = spec;
  const { currentCPUUtilizationPercentage: _current, ...plainStatus } = status ?? { desiredReplicas: 0 };
  const metrics = [...cpuMetric(target), ...((carried(annotations[METRICS]) as MetricSpec[] | undefined) ?? [])];
  const next = {
    kind: object.kind,
    apiVersion: 'autoscaling/v2',
    metadata,
    spec: {
      ...plainSpec,
      ...(metrics.length > 0 ? { metrics } : {}),
      ...defined('behavior', carried(annotations[BEHAVIOR])),
    },
    status: {
      ...plainStatus,
      ...defined('conditions', carried(annotations[CONDITIONS])),
      ...defined('currentMetrics', carried(annotations[CURRENT_METRICS])),
    },
  };
  for (const name of CARRIED) delete annotations[name];
  return withAnnotations(next, annotations);
}

const isCpuUtilization = ({ type, resource }: MetricSpec): boolean =>
  type === 'Resource' && resource?.name === 'cpu' && resource.target.averageUtilization !== undefined;

function cpuMetric(averageUtilization: number | undefined): MetricSpec[] {
  if (averageUtilization === undefined) return [];
  return [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization } } }];
}

function carried(text: string | undefined): unknown {
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function defined(name: string, value: unknown): Record<string, unknown> {
  return value === undefined ? {} : { [name]: value };
}

function withAnnotations(object: AnyObject, annotations: Record<string, string>): AnyObject {
  const { annotations: _before, ...metadata } = object.metadata;
  const isBare = Object.keys(annotations).length === 0;
  return { ...object, metadata: isBare ? metadata : { ...metadata, annotations } };
}
