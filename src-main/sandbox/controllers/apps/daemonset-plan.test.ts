import { describe, expect, it } from 'vitest';
import type { DaemonSet, Node, Pod } from '#common/kube/types';
import { REVISION_LABEL } from './controller-revisions';
import { planDaemonSet } from './daemonset-plan';

const meta = (name: string) => ({ name, uid: name, resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' });

const node = (name: string): Node => ({ apiVersion: 'v1', kind: 'Node', metadata: meta(name), spec: {} });

function set(rollingUpdate: object): DaemonSet {
  return {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: meta('agent'),
    spec: { selector: {}, template: {}, updateStrategy: { type: 'RollingUpdate', rollingUpdate } },
  };
}

/** `a:new:ready`: on node a, of the newest template, ready. */
function pod(words: string): Pod {
  const [nodeName = '', age = '', state = ''] = words.split(':');
  const status = state === 'ready' ? 'True' : 'False';
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { ...meta(words), labels: { [REVISION_LABEL]: age } },
    spec: { nodeName, containers: [] },
    status: { phase: state === 'failed' ? 'Failed' : 'Running', conditions: [{ type: 'Ready', status }] },
  };
}

interface Case {
  case: string;
  strategy?: object;
  pods: string[];
  create?: string[];
  remove?: string[];
  ended?: string[];
}

const surging = { maxSurge: 1, maxUnavailable: 0 };
const cases: Case[] = [
  { case: 'nodes without a Pod get one', pods: ['a:new:ready'], create: ['b', 'c'] },
  {
    case: 'the newer of two on a node goes',
    pods: ['a:new:ready', 'a:new:unready', 'b:new:ready', 'c:new:ready'],
    remove: ['a:new:unready'],
  },
  {
    case: 'one old Pod is replaced at a time',
    pods: ['a:old:ready', 'b:old:ready', 'c:old:ready'],
    remove: ['a:old:ready'],
  },
  { case: 'a new one that is not ready is waited for', pods: ['a:new:unready', 'b:old:ready', 'c:old:ready'] },
  {
    case: 'an old Pod that is not ready goes at once',
    pods: ['a:old:unready', 'b:old:ready', 'c:old:ready'],
    remove: ['a:old:unready'],
  },
  { case: 'what is missing comes before what is old', pods: ['a:old:ready', 'b:old:ready'], create: ['c'] },
  { case: 'a failed Pod is told of', pods: ['a:new:failed', 'b:new:ready', 'c:new:ready'], ended: ['a:new:failed'] },
  {
    case: 'surge: a new Pod comes beside an old one',
    strategy: surging,
    pods: ['a:old:ready', 'b:old:ready', 'c:old:ready'],
    create: ['a'],
  },
  {
    case: 'surge: no second one before the first is ready',
    strategy: surging,
    pods: ['a:old:ready', 'a:new:unready', 'b:old:ready', 'c:old:ready'],
  },
  {
    case: 'surge: the old one goes when the new one is ready',
    strategy: surging,
    pods: ['a:old:ready', 'a:new:ready', 'b:old:ready', 'c:old:ready'],
    remove: ['a:old:ready'],
  },
  {
    case: 'surge: the old one goes when it is not ready',
    strategy: surging,
    pods: ['a:old:unready', 'a:new:unready', 'b:old:ready', 'c:old:ready'],
    remove: ['a:old:unready'],
  },
];

describe('planDaemonSet', () => {
  it.each(cases)('$case', ({ strategy = {}, pods, create = [], remove = [], ended = [] }) => {
    const nodes = ['a', 'b', 'c'].map(node);
    const plan = planDaemonSet({ set: set(strategy), nodes, pods: pods.map(pod), hash: 'new', nowMs: 0 });
    expect({
      create: plan.create,
      remove: plan.remove.map(({ metadata }) => metadata.name),
      ended: plan.ended.map(({ pod: one }) => one.metadata.name),
    }).toEqual({ create, remove, ended });
  });
});
