/** Autoscalers with metrics: how far they scale, what holds them back, and what they say of it. */
import type { Flow, FlowStep } from '../flow';
import type { Usage } from '../metrics';
import { autoscaler, HPA, told } from './autoscalers';
import { container, deployment, noted } from './manifests';

const WEB = 'deployments/web';
const requests = { cpu: '100m', memory: '100Mi' };

interface Target {
  replicas: number;
  outcome?: string;
  containers?: readonly object[];
}

const plain = { ...container, resources: { requests } };

function web({ replicas, outcome = 'running', containers = [plain] }: Target): FlowStep[] {
  const isReady = outcome === 'running';
  return [
    { create: deployment('web', { replicas, pod: { life: { outcome }, spec: { containers } } }) },
    { until: WEB, has: { 'status.replicas': replicas, 'status.readyReplicas': isReady ? replicas : undefined } },
    { pods: 'app=web', are: { 'status.phase': 'Running' }, count: replicas },
  ];
}

const cpu = (amount: string): Usage => ({ main: { cpu: amount } });
const used = (usage: Usage, first?: number): FlowStep => ({
  measured: 'app=web',
  usage,
  ...(first === undefined ? {} : { first }),
});

const percent = (averageUtilization: number, name = 'cpu') => ({
  type: 'Resource',
  resource: { name, target: { type: 'Utilization', averageUtilization } },
});
const amount = (name: string, averageValue: string) => ({
  type: 'Resource',
  resource: { name, target: { type: 'AverageValue', averageValue } },
});
const ofContainer = (name: string, averageUtilization = 50) => ({
  type: 'ContainerResource',
  containerResource: { name: 'cpu', container: name, target: { type: 'Utilization', averageUtilization } },
});

/** Half of what is requested, unless the metrics say otherwise. */
const half = (spec: Record<string, unknown> = {}): FlowStep => ({
  create: autoscaler({ maxReplicas: 10, metrics: [percent(50)], ...spec }),
});

const scaledTo = (replicas: number): FlowStep[] => [
  { until: WEB, has: { 'spec.replicas': replicas } },
  { until: HPA, has: { 'status.desiredReplicas': replicas } },
];
const active = told('ScalingActive', 'ValidMetricFound');
const blind = told('ScalingActive', 'FailedGetResourceMetric');
const limited = (reason: string): FlowStep => told('ScalingLimited', reason);
const able = (reason: string): FlowStep => told('AbleToScale', reason);

const policy = (type: string, value: number, periodSeconds = 600) => ({ type, value, periodSeconds });

const flow = (name: string, ...steps: readonly (FlowStep | FlowStep[])[]): Flow => ({
  name: `autoscalers-measured/${name}`,
  steps: steps.flat(),
});

const sizes: readonly Flow[] = [
  flow('up', web({ replicas: 2 }), used(cpu('100m')), half(), scaledTo(4), noted('twice as many')),
  flow('rounded-up', web({ replicas: 3 }), used(cpu('61m')), half(), scaledTo(4), noted('one more')),
  flow('within-tolerance', web({ replicas: 2 }), used(cpu('55m')), half(), active, noted('as before')),
  flow(
    'tolerance-of-its-own',
    web({ replicas: 2 }),
    used(cpu('70m')),
    half({ behavior: { scaleUp: { tolerance: '0.5' } } }),
    active,
    noted('as before'),
    used(cpu('80m')),
    scaledTo(4),
    noted('beyond it'),
  ),
  flow('doubles-at-most', web({ replicas: 1 }), used(cpu('1')), half({ maxReplicas: 5 }), [
    ...scaledTo(5),
    limited('TooManyReplicas'),
    ...noted('in two steps'),
  ]),
  flow('most', web({ replicas: 2 }), used(cpu('500m')), half({ maxReplicas: 3 }), scaledTo(3), noted('no more')),
  flow('down-waits', web({ replicas: 4 }), used(cpu('10m')), half(), able('ScaleDownStabilized'), noted('as before')),
  flow(
    'down-to-the-least',
    web({ replicas: 3 }),
    used(cpu('1m')),
    half({ minReplicas: 2, behavior: { scaleDown: { stabilizationWindowSeconds: 0 } } }),
    scaledTo(2),
    noted('the least'),
  ),
  flow(
    'amount',
    web({ replicas: 2 }),
    used(cpu('150m')),
    half({ metrics: [amount('cpu', '100m')] }),
    scaledTo(3),
    noted('more'),
  ),
  flow(
    'memory-amount',
    web({ replicas: 2 }),
    used({ main: { memory: '150Mi' } }),
    half({ metrics: [amount('memory', '100Mi')] }),
    scaledTo(3),
    noted('more'),
  ),
  flow(
    'memory-percent',
    web({ replicas: 2 }),
    used({ main: { memory: '100000001' } }),
    half({ metrics: [percent(50, 'memory')] }),
    scaledTo(4),
    noted('more'),
  ),
];

const rules: readonly Flow[] = [
  flow(
    'down-one-at-a-time',
    web({ replicas: 4 }),
    used(cpu('1m')),
    half({ behavior: { scaleDown: { stabilizationWindowSeconds: 0, policies: [policy('Pods', 1)] } } }),
    scaledTo(3),
    limited('ScaleDownLimit'),
    able('ReadyForNewScale'),
    noted('one less'),
  ),
  flow(
    'down-by-percent',
    web({ replicas: 5 }),
    used(cpu('1m')),
    half({
      behavior: {
        scaleDown: {
          stabilizationWindowSeconds: 0,
          selectPolicy: 'Min',
          policies: [policy('Percent', 50), policy('Pods', 4)],
        },
      },
    }),
    scaledTo(2),
    noted('half, rounded down'),
  ),
  flow(
    'up-by-the-smaller',
    web({ replicas: 2 }),
    used(cpu('400m')),
    half({ behavior: { scaleUp: { selectPolicy: 'Min', policies: [policy('Percent', 60), policy('Pods', 1)] } } }),
    scaledTo(3),
    able('ReadyForNewScale'),
    noted('one more'),
  ),
  flow(
    'up-by-the-larger',
    web({ replicas: 2 }),
    used(cpu('400m')),
    half({ behavior: { scaleUp: { policies: [policy('Percent', 60), policy('Pods', 1)] } } }),
    scaledTo(4),
    noted('two more'),
  ),
  flow(
    'up-disabled',
    web({ replicas: 2 }),
    used(cpu('100m')),
    half({ behavior: { scaleUp: { selectPolicy: 'Disabled' } } }),
    limited('ScaleUpLimit'),
    noted('as before'),
  ),
  flow(
    'down-disabled',
    web({ replicas: 2 }),
    used(cpu('1m')),
    half({ behavior: { scaleDown: { selectPolicy: 'Disabled', stabilizationWindowSeconds: 0 } } }),
    limited('ScaleDownLimit'),
    noted('as before'),
  ),
  flow(
    'up-waits',
    web({ replicas: 2 }),
    used(cpu('100m')),
    half({ behavior: { scaleUp: { stabilizationWindowSeconds: 600 } } }),
    able('ScaleUpStabilized'),
    noted('as before'),
  ),
  flow(
    'down-waits-a-little',
    web({ replicas: 3 }),
    used(cpu('50m')),
    half({ behavior: { scaleDown: { stabilizationWindowSeconds: 20 } } }),
    active,
    used(cpu('1m')),
    scaledTo(1),
    noted('after a while'),
  ),
];

const unknowns: readonly Flow[] = [
  flow('no-metrics', web({ replicas: 1 }), half(), blind, noted('told')),
  flow('missing-down', web({ replicas: 3 }), used(cpu('20m'), 1), half(), active, noted('as before')),
  flow('missing-up', web({ replicas: 3 }), used(cpu('100m'), 2), half(), scaledTo(4), noted('one more')),
  flow('unready', web({ replicas: 2, outcome: 'unready' }), used(cpu('100m')), half(), blind, noted('told')),
  flow('no-request', web({ replicas: 1, containers: [container] }), used(cpu('100m')), half(), blind, noted('told')),
  flow('other-resource', web({ replicas: 1 }), used({ main: { memory: '1Mi' } }), half(), blind, noted('told')),
  flow(
    'one-of-two-up',
    web({ replicas: 2 }),
    used(cpu('100m')),
    half({ metrics: [percent(50, 'memory'), percent(50)] }),
    scaledTo(4),
    noted('by the other'),
  ),
  flow(
    'one-of-two-down',
    web({ replicas: 2 }),
    used(cpu('1m')),
    half({ metrics: [percent(50, 'memory'), percent(50)], behavior: { scaleDown: { stabilizationWindowSeconds: 0 } } }),
    blind,
    noted('as before'),
  ),
  flow(
    'the-most-of-two',
    web({ replicas: 2 }),
    used({ main: { cpu: '60m', memory: '100Mi' } }),
    half({ metrics: [percent(50), percent(50, 'memory')] }),
    scaledTo(4),
    noted('by memory'),
  ),
];

const sideBySide = [plain, { ...plain, name: 'side' }];
const others: readonly Flow[] = [
  flow(
    'container',
    web({ replicas: 2, containers: sideBySide }),
    used({ main: { cpu: '0' }, side: { cpu: '100m' } }),
    half({ metrics: [ofContainer('side')] }),
    scaledTo(4),
    noted('by one container'),
  ),
  flow(
    'containers-together',
    web({ replicas: 2, containers: sideBySide }),
    used({ main: { cpu: '20m' }, side: { cpu: '130m' } }),
    half(),
    scaledTo(3),
    noted('by both'),
  ),
  flow(
    'no-such-container',
    web({ replicas: 1 }),
    used(cpu('100m')),
    half({ metrics: [ofContainer('nobody')] }),
    told('ScalingActive', 'FailedGetContainerResourceMetric'),
    noted('told'),
  ),
];

export const measuredAutoscalerFlows: readonly Flow[] = [...rules, ...sizes, ...unknowns, ...others];
