import type { Flow, FlowStep } from '../flow';
import { node } from '../nodes';
import { app, noted, retemplate, type PodOptions } from './manifests';

const AGENT = 'daemonsets/agent';

const daemonSet = ({ pod, ...spec }: { pod?: PodOptions } & Record<string, unknown> = {}) =>
  app('DaemonSet', 'agent', { pod: { ...pod, spec: { nodeSelector: { flow: '{ns}' }, ...pod?.spec } }, ...spec });

/** Nodes of the flow's own: cordoned, so that only daemon Pods run there, and Ready. */
const nodes = (...names: string[]): FlowStep[] =>
  names.flatMap((name): FlowStep[] => [
    { create: node(`{ns}-${name}`, { flow: '{ns}' }, { unschedulable: true }) },
    {
      until: `nodes/{ns}-${name}`,
      has: {
        'status.conditions[Ready].status': 'True',
        'spec.taints[0].key': 'node.kubernetes.io/unschedulable',
        'spec.taints[1]': undefined,
      },
    },
  ]);

const allReady = (count: number): FlowStep => ({
  until: AGENT,
  has: { 'status.numberReady': count, 'status.desiredNumberScheduled': count },
});

const updating = (rollingUpdate: object) => ({ updateStrategy: { type: 'RollingUpdate', rollingUpdate } });

function update(name: string, rollingUpdate: object): Flow {
  return {
    name: `daemonsets/update-${name}`,
    steps: [
      ...nodes('a', 'b', 'c', 'd'),
      { create: daemonSet(updating(rollingUpdate)) },
      allReady(4),
      ...noted('made'),
      retemplate(AGENT, 'second', { outcome: 'unready' }),
      ...noted('begun'),
      { ready: 'app=agent', count: 1 },
      { note: 'one ready' },
      { ready: 'app=agent', count: 1 },
      { note: 'two ready' },
    ],
  };
}

export const daemonSetFlows: readonly Flow[] = [
  update('defaults', {}),
  update('0-2', { maxUnavailable: 2 }),
  update('0-50-percent', { maxUnavailable: '50%' }),
  update('1-0', { maxSurge: 1, maxUnavailable: 0 }),
  update('50-percent-0', { maxSurge: '50%', maxUnavailable: 0 }),
  {
    name: 'daemonsets/on-delete',
    steps: [
      ...nodes('a', 'b'),
      { create: daemonSet({ updateStrategy: { type: 'OnDelete' } }) },
      allReady(2),
      retemplate(AGENT, 'second'),
      ...noted('nothing happens'),
      { removePod: 'app=agent' },
      { until: AGENT, has: { 'status.updatedNumberScheduled': 1, 'status.numberReady': 2 } },
      ...noted('one by hand'),
    ],
  },
  {
    name: 'daemonsets/new-node',
    steps: [
      ...nodes('a'),
      { create: daemonSet() },
      allReady(1),
      ...nodes('b'),
      allReady(2),
      ...noted('two nodes'),
      { patch: 'nodes/{ns}-b', with: { metadata: { labels: { flow: 'other' } } } },
      allReady(1),
      { pods: 'app=agent', count: 1 },
      ...noted('one node no longer selected'),
    ],
  },
  {
    name: 'daemonsets/taints',
    steps: [
      ...nodes('a', 'b'),
      { create: daemonSet() },
      allReady(2),
      { quiet: true },
      { patch: 'nodes/{ns}-b', with: { spec: { taints: [{ key: 'kept', value: 'out', effect: 'NoSchedule' }] } } },
      ...noted('NoSchedule lets it stay'),
      { removePod: 'app=agent', are: { 'spec.nodeName': 'f-daemonsets-taints-b' } },
      { pods: 'app=agent', count: 1 },
      ...noted('but not come back'),
      { patch: 'nodes/{ns}-b', with: { spec: { taints: null } } },
      allReady(2),
      ...noted('back'),
      { patch: 'nodes/{ns}-b', with: { spec: { taints: [{ key: 'thrown', value: 'out', effect: 'NoExecute' }] } } },
      { pods: 'app=agent', count: 1 },
      allReady(1),
      ...noted('NoExecute throws it out'),
    ],
  },
  {
    name: 'daemonsets/affinity',
    steps: [
      ...nodes('a', 'b', 'c'),
      { patch: 'nodes/{ns}-b', with: { metadata: { labels: { disk: 'ssd' } } } },
      {
        create: daemonSet({
          pod: {
            spec: {
              affinity: {
                nodeAffinity: {
                  requiredDuringSchedulingIgnoredDuringExecution: {
                    nodeSelectorTerms: [{ matchExpressions: [{ key: 'disk', operator: 'NotIn', values: ['ssd'] }] }],
                  },
                },
              },
            },
          },
        }),
      },
      allReady(2),
      ...noted('on two of three'),
    ],
  },
  {
    name: 'daemonsets/failed-pod',
    steps: [
      ...nodes('a'),
      { create: daemonSet() },
      allReady(1),
      { pod: 'app=agent', are: { 'status.phase': 'Running' }, status: { phase: 'Failed', reason: 'Evicted' } },
      { pods: 'app=agent', are: { 'status.phase': 'Failed' }, count: 0 },
      { pods: 'app=agent', are: { 'status.phase': 'Running' }, count: 1 },
      allReady(1),
      ...noted('replaced'),
    ],
  },
  {
    name: 'daemonsets/min-ready-seconds',
    steps: [
      ...nodes('a', 'b'),
      { create: daemonSet({ minReadySeconds: 8, ...updating({ maxUnavailable: 1 }) }) },
      { until: AGENT, has: { 'status.numberReady': 2 } },
      ...noted('ready, not available'),
      { until: AGENT, has: { 'status.numberAvailable': 2 } },
      ...noted('available'),
    ],
  },
  {
    name: 'daemonsets/undone',
    steps: [
      ...nodes('a', 'b'),
      { create: daemonSet() },
      allReady(2),
      retemplate(AGENT, 'second', { outcome: 'unready' }),
      ...noted('stuck'),
      { patch: AGENT, with: { spec: { template: { metadata: { annotations: null } } } } },
      { until: AGENT, has: { 'status.updatedNumberScheduled': 2, 'status.numberReady': 2 } },
      ...noted('undone'),
    ],
  },
  {
    name: 'daemonsets/node-removed',
    steps: [
      ...nodes('a', 'b'),
      { create: daemonSet() },
      allReady(2),
      { quiet: true },
      { remove: 'nodes/{ns}-b' },
      { until: AGENT, has: { 'status.desiredNumberScheduled': 1 } },
      { quiet: true },
      { note: 'one node left' },
    ],
  },
];
