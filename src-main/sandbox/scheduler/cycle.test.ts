import { describe, expect, it } from 'vitest';
import { seededRandom } from '#common/base/random';
import type { Node, Pod } from '#common/kube/types';
import { decide, failureMessage, normalized } from './cycle';
import { NodeStates } from './node-state';
import { defaultPlugins } from './plugins/scheduling-plugins';

const metadata = (name: string) => ({
  name,
  uid: name,
  resourceVersion: '1',
  creationTimestamp: '2026-01-01T00:00:00Z',
});

function node(name: string, { cpu = '4', memory = '8Gi', spec = {}, labels = {} } = {}): Node {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { ...metadata(name), labels },
    spec,
    status: { allocatable: { cpu, memory, pods: '110' } },
  };
}

function pod(name: string, { cpu = '100m', ...spec }: { cpu?: string } & Partial<Pod['spec']> = {}): Pod {
  const containers = [{ name: 'main', image: 'nginx', resources: { requests: { cpu } } }];
  return { apiVersion: 'v1', kind: 'Pod', metadata: metadata(name), spec: { containers, ...spec } };
}

function statesOf(nodes: readonly Node[], placed: readonly [Pod, string][] = []) {
  const states = new NodeStates();
  for (const one of nodes) states.setNode(one);
  for (const [one, nodeName] of placed) states.place(one, nodeName);
  return [...states.values()];
}

const choose = (wanted: Pod, nodes: ReturnType<typeof statesOf>) =>
  decide({ pod: wanted, nodes, plugins: defaultPlugins, random: seededRandom(1) });

describe('decide', () => {
  it('prefers the node with more left', () => {
    const nodes = statesOf([node('a'), node('b')], [[pod('x', { cpu: '2' }), 'a']]);
    expect(choose(pod('web'), nodes)).toEqual({ nodeName: 'b' });
  });

  it('draws lots between equals, each node its share', () => {
    const nodes = statesOf([node('a'), node('b'), node('c')]);
    const random = seededRandom(4);
    const chosen = new Set(
      Array.from({ length: 30 }, () => decide({ pod: pod('web'), nodes, plugins: defaultPlugins, random }).nodeName),
    );
    expect([...chosen].sort()).toEqual(['a', 'b', 'c']);
  });

  it('says of each node why it cannot be, counted and sorted', () => {
    const tainted = { taints: [{ key: 'gpu', effect: 'NoSchedule' }] };
    const nodes = statesOf(
      [node('a', { cpu: '2' }), node('b', { cpu: '2' }), node('c', { spec: tainted })],
      [[pod('x', { cpu: '2' }), 'a']],
    );
    expect(choose(pod('web', { cpu: '3' }), nodes)).toEqual({
      message:
        '0/3 nodes are available: 1 node(s) had untolerated taint(s), 2 Insufficient cpu. no new claims to deallocate, ' +
        'preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.',
    });
  });

  it('says that evicting could help where room is only taken', () => {
    const nodes = statesOf([node('a')], [[pod('x', { cpu: '4' }), 'a']]);
    expect(choose(pod('web'), nodes)).toEqual({
      message:
        '0/1 nodes are available: 1 Insufficient cpu. no new claims to deallocate, ' +
        'preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod.',
    });
  });

  it('leans to what a Pod would rather have, and away from what it does not tolerate', () => {
    const wish = {
      weight: 50,
      preference: { matchExpressions: [{ key: 'disk', operator: 'In', values: ['ssd'] }] },
    };
    const affinity = { nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [wish] } };
    const nodes = statesOf([node('a'), node('b', { labels: { disk: 'ssd' } })]);
    expect(choose(pod('web', { affinity }), nodes)).toEqual({ nodeName: 'b' });

    const soft = { taints: [{ key: 'old', effect: 'PreferNoSchedule' }] };
    expect(choose(pod('web'), statesOf([node('a', { spec: soft }), node('b')]))).toEqual({ nodeName: 'b' });
  });
});

describe('failureMessage', () => {
  it('has words of its own for a cluster without nodes', () => {
    expect(failureMessage(0, [])).toBe('no nodes available to schedule pods');
  });
});

describe('normalized', () => {
  it.each([
    { how: undefined, scores: [10, 40], expected: [10, 40] },
    { how: 'stretch' as const, scores: [10, 40], expected: [25, 100] },
    { how: 'reverse' as const, scores: [1, 2], expected: [50, 0] },
    { how: 'stretch' as const, scores: [0, 0], expected: [0, 0] },
    { how: 'reverse' as const, scores: [0, 0], expected: [100, 100] },
  ])('$how $scores', ({ how, scores, expected }) => {
    expect(normalized(scores, how)).toEqual(expected);
  });
});
