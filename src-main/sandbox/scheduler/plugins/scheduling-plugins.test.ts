import { describe, expect, it } from 'vitest';
import type { Node, Pod } from '#common/kube/types';
import { NodeStates, type NodeState } from '../node-state';
import type { SchedulerPlugin } from '../plugin';
import { nodeAffinity as nodeAffinityPlugin } from './node-affinity';
import { nodeName } from './node-name';
import { nodePorts } from './node-ports';
import { pluginFactories } from './scheduling-plugins';
import { nodeUnschedulable } from './node-unschedulable';
import { taintToleration } from './taint-toleration';

const nodeAffinity = nodeAffinityPlugin();
const nodeResourcesFit = pluginFactories.NodeResourcesFit({});

const metadata = (name: string) => ({
  name,
  uid: name,
  resourceVersion: '1',
  creationTimestamp: '2026-01-01T00:00:00Z',
});

function pod(spec: Partial<Pod['spec']>, name = 'web'): Pod {
  const containers = [{ name: 'main', image: 'nginx' }];
  return { apiVersion: 'v1', kind: 'Pod', metadata: metadata(name), spec: { containers, ...spec } };
}

function onNode(
  more: Partial<Pick<Node, 'spec' | 'status'>> & { labels?: Record<string, string> } = {},
  others: Pod[] = [],
): NodeState {
  const { labels = {}, ...rest } = more;
  const states = new NodeStates();
  const status = { allocatable: { cpu: '2', memory: '4Gi', pods: '3' } };
  states.setNode({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { ...metadata('node-1'), labels },
    spec: {},
    status,
    ...rest,
  });
  for (const other of others) states.place(other, 'node-1');
  const [state] = states.nodes;
  if (!state) throw new Error('there is a node');
  return state;
}

const asking = (requests: Record<string, string>, name = 'web') =>
  pod({ containers: [{ name: 'main', resources: { requests } }] }, name);
const withPort = (hostPort: number, more = {}) =>
  pod({ containers: [{ name: 'main', ports: [{ containerPort: 80, hostPort, ...more }] }] }, `port-${hostPort}`);
const required = (...nodeSelectorTerms: object[]) =>
  pod({ affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } } } });
const zone = (operator: string, ...values: string[]) => ({ matchExpressions: [{ key: 'zone', operator, values }] });
const taint = { key: 'gpu', value: 'yes', effect: 'NoSchedule' };
const tainted = { spec: { taints: [taint] } };
const AFFINITY = ["node(s) didn't match Pod's node affinity/selector"];

interface Case {
  case: string;
  plugin: SchedulerPlugin;
  pod: Pod;
  state: NodeState;
  reasons: string[];
}

const cases: Case[] = [
  { case: 'no name', plugin: nodeName, pod: pod({}), state: onNode(), reasons: [] },
  {
    case: 'another name',
    plugin: nodeName,
    pod: pod({ nodeName: 'x' }),
    state: onNode(),
    reasons: ["node(s) didn't match the requested node name"],
  },
  {
    case: 'cordoned',
    plugin: nodeUnschedulable,
    pod: pod({}),
    state: onNode({ spec: { unschedulable: true } }),
    reasons: ['node(s) were unschedulable'],
  },
  {
    case: 'cordoned, tolerated',
    plugin: nodeUnschedulable,
    pod: pod({ tolerations: [{ operator: 'Exists' }] }),
    state: onNode({ spec: { unschedulable: true } }),
    reasons: [],
  },
  {
    case: 'tainted',
    plugin: taintToleration,
    pod: pod({}),
    state: onNode(tainted),
    reasons: ['node(s) had untolerated taint(s)'],
  },
  {
    case: 'tainted, tolerated by value',
    plugin: taintToleration,
    pod: pod({ tolerations: [{ key: 'gpu', value: 'yes' }] }),
    state: onNode(tainted),
    reasons: [],
  },
  {
    case: 'tainted, another value',
    plugin: taintToleration,
    pod: pod({ tolerations: [{ key: 'gpu', value: 'no' }] }),
    state: onNode(tainted),
    reasons: ['node(s) had untolerated taint(s)'],
  },
  {
    case: 'tainted, another effect',
    plugin: taintToleration,
    pod: pod({ tolerations: [{ key: 'gpu', operator: 'Exists', effect: 'NoExecute' }] }),
    state: onNode(tainted),
    reasons: ['node(s) had untolerated taint(s)'],
  },
  {
    case: 'soft taint',
    plugin: taintToleration,
    pod: pod({}),
    state: onNode({ spec: { taints: [{ key: 'x', effect: 'PreferNoSchedule' }] } }),
    reasons: [],
  },
  {
    case: 'selector missed',
    plugin: nodeAffinity,
    pod: pod({ nodeSelector: { zone: 'a' } }),
    state: onNode(),
    reasons: AFFINITY,
  },
  {
    case: 'selector met',
    plugin: nodeAffinity,
    pod: pod({ nodeSelector: { zone: 'a' } }),
    state: onNode({ labels: { zone: 'a' } }),
    reasons: [],
  },
  {
    case: 'one term of two met',
    plugin: nodeAffinity,
    pod: required(zone('In', 'b'), zone('In', 'a')),
    state: onNode({ labels: { zone: 'a' } }),
    reasons: [],
  },
  {
    case: 'NotIn without the label',
    plugin: nodeAffinity,
    pod: required(zone('NotIn', 'a')),
    state: onNode(),
    reasons: [],
  },
  {
    case: 'Gt',
    plugin: nodeAffinity,
    pod: required(zone('Gt', '5')),
    state: onNode({ labels: { zone: '4' } }),
    reasons: AFFINITY,
  },
  {
    case: 'by name field',
    plugin: nodeAffinity,
    pod: required({ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['node-1'] }] }),
    state: onNode(),
    reasons: [],
  },
  { case: 'empty term', plugin: nodeAffinity, pod: required({}), state: onNode(), reasons: AFFINITY },
  {
    case: 'port taken',
    plugin: nodePorts,
    pod: withPort(80),
    state: onNode({}, [withPort(80)]),
    reasons: ["node(s) didn't have free ports for the requested pod ports"],
  },
  {
    case: 'port of another protocol',
    plugin: nodePorts,
    pod: withPort(80, { protocol: 'UDP' }),
    state: onNode({}, [withPort(80)]),
    reasons: [],
  },
  {
    case: 'port of another address',
    plugin: nodePorts,
    pod: withPort(80, { hostIP: '10.0.0.1' }),
    state: onNode({}, [withPort(80, { hostIP: '10.0.0.2' })]),
    reasons: [],
  },
  {
    case: 'fits exactly',
    plugin: nodeResourcesFit,
    pod: asking({ cpu: '1500m' }),
    state: onNode({}, [asking({ cpu: '500m' }, 'x')]),
    reasons: [],
  },
  {
    case: 'cpu and memory short',
    plugin: nodeResourcesFit,
    pod: asking({ cpu: '3', memory: '5Gi' }),
    state: onNode(),
    reasons: ['Insufficient cpu', 'Insufficient memory'],
  },
  {
    case: 'a resource the node lacks',
    plugin: nodeResourcesFit,
    pod: asking({ 'nvidia.com/gpu': '1' }),
    state: onNode(),
    reasons: ['Insufficient nvidia.com/gpu'],
  },
  {
    case: 'too many Pods',
    plugin: nodeResourcesFit,
    pod: pod({}),
    state: onNode({}, [pod({}, 'a'), pod({}, 'b'), pod({}, 'c')]),
    reasons: ['Too many pods'],
  },
];

describe('filters', () => {
  it.each(cases)('$plugin.name: $case', ({ plugin, pod: wanted, state, reasons }) => {
    expect(plugin.filter?.(wanted, state)?.reasons ?? []).toEqual(reasons);
  });
});

describe('what a Pod asks for', () => {
  it.each([
    { case: 'containers together', spec: { containers: ['500m', '700m'] }, fits: '1200m' },
    { case: 'a larger init container', spec: { containers: ['100m'], initContainers: ['1'] }, fits: '1' },
    { case: 'a sidecar beside the containers', spec: { containers: ['500m'], sidecars: ['300m'] }, fits: '800m' },
  ])('$case', ({ spec, fits }) => {
    const container = (cpu: string, at: number) => ({ name: `c${at}`, resources: { requests: { cpu } } });
    const always = (cpu: string, at: number) => ({ ...container(cpu, at), restartPolicy: 'Always' });
    const { initContainers = [], sidecars = [] } = spec as { initContainers?: string[]; sidecars?: string[] };
    const wanted = pod({
      containers: spec.containers.map(container),
      initContainers: [...sidecars.map(always), ...initContainers.map(container)],
    });
    const having = (cpu: string) => onNode({ status: { allocatable: { cpu, memory: '1Gi', pods: '3' } } });
    const less = `${Number(/\d+/.exec(fits)?.[0]) * (fits.endsWith('m') ? 1 : 1000) - 1}m`;
    expect(nodeResourcesFit.filter?.(wanted, having(fits))).toBeUndefined();
    expect(nodeResourcesFit.filter?.(wanted, having(less))?.reasons).toEqual(['Insufficient cpu']);
  });
});
