import type { Script } from '../../exchange';
import { changes, made, printed, removed, row, rules, selections, statusTries, tries, type Cases } from './family';
import { AUTOSCALER, BUDGET, LEASE, OLD_AUTOSCALER, PRIORITY_CLASS, RUNTIME_CLASS } from './kind-paths';
import { SELECTOR, ofSpec } from './pod-bases';

const TARGET = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' };
const SCALER_BASE = { spec: { scaleTargetRef: TARGET, maxReplicas: 5 } };
const metric = (...metrics: object[]) => ({ metrics });
const resource = (target: object, name = 'cpu') => metric({ type: 'Resource', resource: { name, target } });
const object = (fields: object) =>
  metric({
    type: 'Object',
    object: {
      describedObject: { kind: 'Service', name: 'web' },
      metric: { name: 'requests' },
      target: { type: 'Value', value: '10' },
      ...fields,
    },
  });
const external = (target: object) => metric({ type: 'External', external: { metric: { name: 'queue' }, target } });
const behavior = (scaleUp: object) => ({ behavior: { scaleUp } });
const POLICY = { type: 'Pods', value: 4, periodSeconds: 60 };

const scalers: Cases = ofSpec({
  'no-max': { maxReplicas: null },
  'max-negative': { maxReplicas: -1 },
  'min-zero': { minReplicas: 0 },
  'min-negative': { minReplicas: -1 },
  'min-above-max': { minReplicas: 9 },
  'target-none': { scaleTargetRef: { apiVersion: '', kind: '', name: '' } },
  'target-names': { scaleTargetRef: { apiVersion: 'a/b/c', kind: 'a/b', name: 'a%b' } },
  'target-core': { scaleTargetRef: { apiVersion: 'v1', kind: 'ReplicationController', name: 'web' } },
  'target-no-group': { scaleTargetRef: { apiVersion: 'v1', kind: 'Thing', name: 'web' } },
  'metric-none': metric({ type: '' }),
  'metric-type': metric({ type: 'Odd' }),
  'metric-missing': metric({ type: 'Pods' }),
  'metric-other': metric({
    type: 'Pods',
    resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 5 } },
  }),
  'metric-two': metric({
    type: 'Resource',
    resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 5 } },
    pods: { metric: { name: 'a' }, target: { type: 'AverageValue', averageValue: '1' } },
  }),
  'resource-none': resource({ type: '' }, ''),
  'resource-right': resource({ type: 'Utilization', averageUtilization: 70 }),
  'resource-zero': resource({ type: 'Utilization', averageUtilization: 0 }),
  'resource-both': resource({ type: 'AverageValue', averageUtilization: 70, averageValue: '1' }),
  'resource-type': resource({ type: 'Odd', averageValue: '0' }),
  'container-resource': metric({
    type: 'ContainerResource',
    containerResource: { name: 'cpu', container: 'main', target: { type: 'Utilization', averageUtilization: 5 } },
  }),
  'container-resource-wrong': metric({
    type: 'ContainerResource',
    containerResource: { name: 'widgets', container: 'A_B', target: { type: 'Value' } },
  }),
  'container-resource-none': metric({
    type: 'ContainerResource',
    containerResource: { name: '', container: '', target: { type: 'Utilization', averageUtilization: 1 } },
  }),
  pods: metric({
    type: 'Pods',
    pods: {
      metric: { name: 'a', selector: { matchLabels: { b: 'c' } } },
      target: { type: 'AverageValue', averageValue: '100m' },
    },
  }),
  'pods-wrong': metric({ type: 'Pods', pods: { metric: { name: 'a/b' }, target: { type: 'Value', value: '-1' } } }),
  'object-right': object({}),
  'object-wrong': object({ describedObject: { kind: '', name: '' }, metric: { name: '' }, target: { type: 'Value' } }),
  'external-right': external({ type: 'AverageValue', averageValue: '30' }),
  'external-none': external({ type: 'Value' }),
  'external-both': external({ type: 'Value', value: '1', averageValue: '2' }),
  'zero-with-external': { minReplicas: 0, ...external({ type: 'Value', value: '1' }) },
  'behavior-defaults': behavior({ stabilizationWindowSeconds: 10 }),
  'behavior-window': behavior({ stabilizationWindowSeconds: -1, policies: [POLICY] }),
  'behavior-window-long': behavior({ stabilizationWindowSeconds: 3601, policies: [POLICY] }),
  'behavior-select': behavior({ selectPolicy: 'Odd', policies: [POLICY] }),
  'behavior-no-policies': behavior({ policies: [] }),
  'behavior-policy': behavior({ policies: [{ type: 'Odd', value: 0, periodSeconds: 0 }] }),
  'behavior-period': behavior({ policies: [{ type: 'Percent', value: 10, periodSeconds: 1801 }] }),
  'behavior-tolerance': behavior({ policies: [POLICY], tolerance: '-1' }),
  'behavior-down': { behavior: { scaleDown: { selectPolicy: 'Disabled' } } },
});

const budget = (spec: object) => ({ spec: { selector: SELECTOR, ...spec } });
const budgets: Cases = {
  both: budget({ minAvailable: 1, maxUnavailable: 1 }),
  none: budget({ minAvailable: null }),
  negative: budget({ minAvailable: -1 }),
  word: budget({ minAvailable: 'some' }),
  percent: budget({ minAvailable: '110%' }),
  'percent-right': budget({ minAvailable: null, maxUnavailable: '30%' }),
  selector: budget({ selector: { matchExpressions: [{ key: 'a', operator: 'Near' }] } }),
  'no-selector': budget({ selector: null }),
  eviction: budget({ unhealthyPodEvictionPolicy: 'Odd' }),
  'eviction-right': budget({ unhealthyPodEvictionPolicy: 'AlwaysAllow' }),
  name: { metadata: { name: 'Any_Name' } },
};

const priorities: Cases = {
  'too-high': { value: 1_000_000_001 },
  highest: { value: 1_000_000_000 },
  negative: { value: -5 },
  'no-value': { value: null },
  system: { metadata: { name: 'system-own' } },
  'system-known': { metadata: { name: 'system-node-critical' }, value: 5 },
  preemption: { preemptionPolicy: 'Odd' },
  'preemption-never': { preemptionPolicy: 'Never', globalDefault: true },
  'preemption-empty': { preemptionPolicy: '' },
  name: { metadata: { name: 'A_B' } },
};

const leases: Cases = ofSpec({
  duration: { leaseDurationSeconds: 0 },
  'duration-negative': { leaseDurationSeconds: -5, leaseTransitions: -1 },
  strategy: { strategy: 'Odd' },
  holder: { preferredHolder: 'me' },
  times: { acquireTime: '2026-01-02T03:04:05.123456Z', renewTime: '2026-01-02T03:04:05Z' },
  'time-word': { renewTime: 'soon' },
});

const runtimes: Cases = {
  'no-handler': { handler: '' },
  handler: { handler: 'A_B' },
  overhead: { overhead: { podFixed: { widgets: '1' } } },
  'overhead-right': { overhead: { podFixed: { cpu: '100m', memory: '10Mi' } } },
  'overhead-negative': { overhead: { podFixed: { cpu: '-1' } } },
  selector: { scheduling: { nodeSelector: { 'a b': 'c' } } },
  'selector-old': { scheduling: { nodeSelector: { 'beta.kubernetes.io/os': 'linux' } } },
  tolerations: { scheduling: { tolerations: [{ key: 'a', operator: 'Odd' }] } },
  'tolerations-twice': {
    scheduling: {
      tolerations: [
        { key: 'a', operator: 'Exists' },
        { key: 'a', operator: 'Exists' },
      ],
    },
  },
};

export const policyScripts: readonly Script[] = [
  rules('horizontalpodautoscalers', AUTOSCALER, [
    ...tries(AUTOSCALER, SCALER_BASE, scalers),
    made(AUTOSCALER, 'web', {
      spec: { ...SCALER_BASE.spec, minReplicas: 2, ...resource({ type: 'Utilization', averageUtilization: 80 }) },
    }),
    ...changes(
      AUTOSCALER,
      'web',
      ofSpec({
        'max-below-min': { maxReplicas: 1 },
        'target-changed': { scaleTargetRef: { name: 'other' } },
        'metrics-gone': { metrics: [] },
      }),
    ),
    ...statusTries(AUTOSCALER, 'web', { 'status-negative': { currentReplicas: -1, desiredReplicas: -1 } }),
    row(AUTOSCALER, 'web', 'row-new'),
    ...printed(AUTOSCALER, 'web', {
      measured: {
        currentReplicas: 3,
        desiredReplicas: 4,
        currentMetrics: [
          { type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: 55, averageValue: '550m' } } },
        ],
      },
    }),
    made(AUTOSCALER, 'many', {
      spec: {
        ...SCALER_BASE.spec,
        metrics: [
          { type: 'Pods', pods: { metric: { name: 'hits' }, target: { type: 'AverageValue', averageValue: '10' } } },
          {
            type: 'Object',
            object: {
              describedObject: { kind: 'Service', name: 'web' },
              metric: { name: 'requests' },
              target: { type: 'Value', value: '2k' },
            },
          },
          {
            type: 'External',
            external: { metric: { name: 'queue' }, target: { type: 'AverageValue', averageValue: '30' } },
          },
          { type: 'Resource', resource: { name: 'memory', target: { type: 'AverageValue', averageValue: '100Mi' } } },
          {
            type: 'ContainerResource',
            containerResource: {
              name: 'cpu',
              container: 'main',
              target: { type: 'Utilization', averageUtilization: 60 },
            },
          },
        ],
      },
    }),
    row(AUTOSCALER, 'many', 'row-many'),
    ...printed(AUTOSCALER, 'many', {
      'many-measured': {
        desiredReplicas: 1,
        currentMetrics: [
          { type: 'Pods', pods: { metric: { name: 'hits' }, current: { averageValue: '7' } } },
          {
            type: 'Object',
            object: {
              describedObject: { kind: 'Service', name: 'web' },
              metric: { name: 'requests' },
              current: { value: '1500' },
            },
          },
        ],
      },
    }),
    ...selections(AUTOSCALER, 'metadata.name=web'),
  ]),
  rules('horizontalpodautoscalers-v1', OLD_AUTOSCALER, [
    ...tries(
      OLD_AUTOSCALER,
      SCALER_BASE,
      ofSpec({
        'no-max': { maxReplicas: null },
        'min-zero': { minReplicas: 0 },
        'target-none': { scaleTargetRef: { kind: '', name: '' } },
        cpu: { targetCPUUtilizationPercentage: 60 },
        'cpu-zero': { targetCPUUtilizationPercentage: 0 },
      }),
    ),
    made(OLD_AUTOSCALER, 'web', { spec: { ...SCALER_BASE.spec, targetCPUUtilizationPercentage: 60 } }),
    row(OLD_AUTOSCALER, 'web', 'row'),
    ...selections(OLD_AUTOSCALER, 'metadata.name=web'),
  ]),
  rules('poddisruptionbudgets', BUDGET, [
    ...tries(BUDGET, budget({ minAvailable: 1 }), budgets),
    made(BUDGET, 'web', budget({ minAvailable: 1 })),
    ...changes(
      BUDGET,
      'web',
      ofSpec({
        'min-changed': { minAvailable: '50%' },
        'selector-changed': { selector: { matchLabels: { a: 'b' } } },
        'min-wrong': { minAvailable: -1 },
      }),
    ),
    ...statusTries(BUDGET, 'web', {
      'status-negative': { disruptionsAllowed: -1, currentHealthy: -1, desiredHealthy: -1, expectedPods: -1 },
      conditions: {
        conditions: [
          { type: 'a b', status: 'Odd', reason: 'a b', lastTransitionTime: '2026-01-02T03:04:05Z', message: '' },
        ],
      },
    }),
    ...printed(BUDGET, 'web', {
      allowed: { disruptionsAllowed: 2, currentHealthy: 3, desiredHealthy: 1, expectedPods: 3 },
    }),
    made(BUDGET, 'half', budget({ maxUnavailable: '50%' })),
    row(BUDGET, 'half', 'row-half'),
    ...selections(BUDGET, 'metadata.name=web'),
  ]),
  rules('priorityclasses', PRIORITY_CLASS, [
    ...tries(PRIORITY_CLASS, { value: 10 }, priorities),
    made(PRIORITY_CLASS, '{ns}-one', { value: 10, description: 'words' }),
    ...changes(PRIORITY_CLASS, '{ns}-one', {
      'value-changed': { value: 20 },
      'preemption-changed': { preemptionPolicy: 'Never' },
      'description-changed': { description: 'others' },
    }),
    row(PRIORITY_CLASS, '{ns}-one', 'row'),
    ...selections(PRIORITY_CLASS, 'metadata.name={ns}-one'),
    ...removed(PRIORITY_CLASS, '{ns}-one'),
  ]),
  rules('leases', LEASE, [
    ...tries(LEASE, { spec: { holderIdentity: 'me' } }, leases),
    made(LEASE, 'leader', { spec: { holderIdentity: 'me', leaseDurationSeconds: 15 } }),
    ...changes(
      LEASE,
      'leader',
      ofSpec({
        'duration-wrong': { leaseDurationSeconds: -1 },
        'holder-changed': { holderIdentity: 'you', leaseTransitions: 1 },
      }),
    ),
    row(LEASE, 'leader', 'row'),
    ...selections(LEASE, 'metadata.name=leader', 'spec.holderIdentity=me'),
  ]),
  rules('runtimeclasses', RUNTIME_CLASS, [
    ...tries(RUNTIME_CLASS, { handler: 'runc' }, runtimes),
    made(RUNTIME_CLASS, '{ns}-one', { handler: 'runc' }),
    ...changes(RUNTIME_CLASS, '{ns}-one', {
      'handler-changed': { handler: 'other' },
      'handler-wrong': { handler: 'A_B' },
      'overhead-added': { overhead: { podFixed: { cpu: '1' } } },
    }),
    row(RUNTIME_CLASS, '{ns}-one', 'row'),
    ...selections(RUNTIME_CLASS, 'metadata.name={ns}-one'),
    ...removed(RUNTIME_CLASS, '{ns}-one'),
  ]),
];
