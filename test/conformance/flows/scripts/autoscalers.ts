import type { Flow, FlowStep, Manifest } from '../flow';
import { container, deployment, noted, scaleTo } from './manifests';

export const HPA = 'horizontalpodautoscalers/web';

export const autoscaler = (spec: Record<string, unknown>): Manifest => ({
  apiVersion: 'autoscaling/v2',
  kind: 'HorizontalPodAutoscaler',
  metadata: { name: 'web' },
  spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' }, maxReplicas: 5, ...spec },
});

const web = (replicas: number): FlowStep[] => [
  {
    create: deployment('web', {
      replicas,
      pod: { spec: { containers: [{ ...container, resources: { requests: { cpu: '1m' } } }] } },
    }),
  },
  { until: 'deployments/web', has: { 'status.readyReplicas': replicas === 0 ? undefined : replicas } },
];

export const told = (type: string, reason: string): FlowStep => ({
  until: HPA,
  has: { [`status.conditions[${type}].reason`]: reason },
});

const flow = (name: string, ...steps: readonly (FlowStep | FlowStep[])[]): Flow => ({
  name: `autoscalers/${name}`,
  steps: steps.flat(),
});

const wanting = (metric: object): Record<string, unknown> => ({ minReplicas: 1, metrics: [metric] });
const value = { type: 'Value', value: '10' };

/** Without any metrics: what an autoscaler does and says then. */
export const autoscalerFlows: readonly Flow[] = [
  flow(
    'below-the-least',
    web(1),
    { create: autoscaler({ minReplicas: 3 }) },
    told('AbleToScale', 'SucceededRescale'),
    noted('grown'),
  ),
  flow(
    'above-the-most',
    web(4),
    { create: autoscaler({ maxReplicas: 2 }) },
    told('AbleToScale', 'SucceededRescale'),
    noted('shrunk'),
  ),
  flow(
    'switched-off',
    web(1),
    scaleTo('deployments/web', 0),
    { create: autoscaler({}) },
    told('ScalingActive', 'ScalingDisabled'),
    noted('off'),
  ),
  flow('no-target', { create: autoscaler({}) }, told('AbleToScale', 'FailedGetScale'), noted('told')),
  flow(
    'no-external-metric',
    web(1),
    { create: autoscaler(wanting({ type: 'External', external: { metric: { name: 'queue' }, target: value } })) },
    told('ScalingActive', 'FailedGetExternalMetric'),
    noted('told'),
  ),
  flow(
    'no-object-metric',
    web(1),
    {
      create: autoscaler(
        wanting({
          type: 'Object',
          object: {
            metric: { name: 'hits' },
            describedObject: { apiVersion: 'v1', kind: 'Service', name: 'web' },
            target: value,
          },
        }),
      ),
    },
    told('ScalingActive', 'FailedGetObjectMetric'),
    noted('told'),
  ),
  flow(
    'no-pods-metric',
    web(1),
    {
      create: autoscaler(
        wanting({
          type: 'Pods',
          pods: { metric: { name: 'hits' }, target: { type: 'AverageValue', averageValue: '10' } },
        }),
      ),
    },
    told('ScalingActive', 'FailedGetPodsMetric'),
    noted('told'),
  ),
];
