import { describe, expect, it } from 'vitest';
import { seededRandom } from '#common/base/random';
import type { Node, Pod } from '#common/kube/types';
import { StaticView } from '#test/harness/static-view';
import { profilesOf } from './configuration';
import { decide, enoughCandidates } from './cycle';
import { reversed, spread, stretched } from './plugin';
import { Profile } from './profile';

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

const viewOf = (nodes: readonly Node[], placed: readonly [Pod, string][] = []): StaticView =>
  new StaticView({
    nodes,
    placed,
    companions: ({ metadata: { labels } }) => (labels ? { matchLabels: labels } : undefined),
  });

function profile(seed = 1): Profile {
  const [settings] = profilesOf({});
  return new Profile(settings!, seededRandom(seed));
}

/** The node, or why there is none. */
function choose(wanted: Pod, view: StaticView, by = profile()) {
  const decision = decide(wanted, view, { profile: by, cursor: { start: 0 } });
  return decision.nodeName === undefined ? { message: decision.message } : { nodeName: decision.nodeName };
}

describe('decide', () => {
  it('prefers the node with more left', () => {
    const view = viewOf([node('a'), node('b')], [[pod('x', { cpu: '2' }), 'a']]);
    expect(choose(pod('web'), view)).toEqual({ nodeName: 'b' });
  });

  it('draws lots between equals, each node its share', () => {
    const view = viewOf([node('a'), node('b'), node('c')]);
    const by = profile(4);
    const chosen = new Set(Array.from({ length: 30 }, () => choose(pod('web'), view, by).nodeName));
    expect([...chosen].sort()).toEqual(['a', 'b', 'c']);
  });

  it('says of each node why it cannot be, counted and sorted', () => {
    const tainted = { taints: [{ key: 'gpu', effect: 'NoSchedule' }] };
    const view = viewOf(
      [node('a', { cpu: '2' }), node('b', { cpu: '2' }), node('c', { spec: tainted })],
      [[pod('x', { cpu: '2' }), 'a']],
    );
    expect(choose(pod('web', { cpu: '3' }), view)).toEqual({
      message:
        '0/3 nodes are available: 1 node(s) had untolerated taint(s), 2 Insufficient cpu. no new claims to deallocate, ' +
        'preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.',
    });
  });

  it('says that evicting could help where room is only taken', () => {
    const view = viewOf([node('a')], [[pod('x', { cpu: '4' }), 'a']]);
    expect(choose(pod('web'), view)).toEqual({
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
    const view = viewOf([node('a'), node('b', { labels: { disk: 'ssd' } })]);
    expect(choose(pod('web', { affinity }), view)).toEqual({ nodeName: 'b' });

    const soft = { taints: [{ key: 'old', effect: 'PreferNoSchedule' }] };
    expect(choose(pod('web'), viewOf([node('a', { spec: soft }), node('b')]))).toEqual({ nodeName: 'b' });
  });
});

describe('enoughCandidates', () => {
  it.each([
    [3, 3],
    [99, 99],
    [100, 100],
    [500, 230],
    [5000, 500],
    [15_000, 750],
  ])('of %i nodes are %i', (nodes, expected) => {
    expect(enoughCandidates(nodes)).toBe(expected);
  });
});

describe('a cluster without nodes', () => {
  it('has words of its own', () => {
    expect(choose(pod('web'), viewOf([]))).toEqual({ message: 'no nodes available to schedule pods' });
  });
});

describe('scores brought to 0..100', () => {
  it.each([
    { how: stretched, scores: [10, 40], expected: [25, 100] },
    { how: stretched, scores: [0, 0], expected: [0, 0] },
    { how: reversed, scores: [1, 2], expected: [50, 0] },
    { how: reversed, scores: [0, 0], expected: [100, 100] },
    { how: spread, scores: [-5, 0, 5], expected: [0, 50, 100] },
    { how: spread, scores: [3, 3], expected: [0, 0] },
  ])('$how.name $scores', ({ how, scores, expected }) => {
    expect(how(scores)).toEqual(expected);
  });
});

describe('Pods among Pods', () => {
  const HOST = 'kubernetes.io/hostname';
  const host = (name: string) => node(name, { labels: { [HOST]: name } });
  const nodes = ['a', 'b', 'c'].map(host);
  const labelled = (one: Pod): Pod => ({
    ...one,
    metadata: { ...one.metadata, namespace: 'default', labels: { app: 'web' } },
  });
  const term = { labelSelector: { matchLabels: { app: 'web' } }, topologyKey: HOST };
  const apart = { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } };
  const together = { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } };
  const message = (reason: string, preemption: string) =>
    `0/3 nodes are available: 3 ${reason}. no new claims to deallocate, preemption: 0/3 nodes are available: 3 ${preemption}.`;
  const victims = 'No preemption victims found for incoming pod';
  const everywhere = (one: Pod): [Pod, string][] =>
    ['a', 'b', 'c'].map((name) => [{ ...one, metadata: { ...one.metadata, uid: name } }, name]);

  it('spreads Pods of one controller over nodes without being told', () => {
    const view = viewOf(nodes, [
      [labelled(pod('x')), 'a'],
      [labelled(pod('y')), 'b'],
    ]);
    expect(choose(labelled(pod('web')), view)).toEqual({ nodeName: 'c' });
  });

  it('keeps Pods apart that want to be', () => {
    const taken: [Pod, string][] = [
      [labelled(pod('x')), 'a'],
      [labelled(pod('y')), 'c'],
    ];
    expect(choose(labelled(pod('web', { affinity: apart })), viewOf(nodes, taken))).toEqual({ nodeName: 'b' });
    expect(choose(labelled(pod('web', { affinity: apart })), viewOf(nodes, everywhere(labelled(pod('x')))))).toEqual({
      message: message("node(s) didn't match pod anti-affinity rules", victims),
    });
  });

  it('heeds that placed Pods want to be alone', () => {
    const view = viewOf(nodes, everywhere(labelled(pod('x', { affinity: apart }))));
    expect(choose(labelled(pod('web')), view)).toEqual({
      message: message("node(s) didn't satisfy existing pods anti-affinity rules", victims),
    });
  });

  it('brings Pods together that want to be, the first of them anywhere', () => {
    const other = {
      ...labelled(pod('db')),
      metadata: { ...metadata('db'), namespace: 'default', labels: { app: 'db' } },
    };
    const wanted = labelled(pod('web', { affinity: together }));
    expect(choose(wanted, viewOf(nodes))).toHaveProperty('nodeName', expect.any(String));
    expect(choose(wanted, viewOf(nodes, [[labelled(pod('x')), 'b']]))).toEqual({ nodeName: 'b' });
    expect(choose({ ...other, spec: wanted.spec }, viewOf(nodes))).toEqual({
      message: message("node(s) didn't match pod affinity rules", 'Preemption is not helpful for scheduling'),
    });
  });

  it('keeps the skew of a hard spread constraint', () => {
    const { labelSelector } = term;
    const spreading = { maxSkew: 1, topologyKey: HOST, whenUnsatisfiable: 'DoNotSchedule', labelSelector };
    const wanted = labelled(pod('web', { topologySpreadConstraints: [spreading] }));
    expect(
      choose(
        wanted,
        viewOf(nodes, [
          [labelled(pod('x')), 'a'],
          [labelled(pod('y')), 'c'],
        ]),
      ),
    ).toEqual({ nodeName: 'b' });
    const full = node('b', { labels: { [HOST]: 'b' }, cpu: '0' });
    const view = viewOf([host('a'), full], [[labelled(pod('x')), 'a']]);
    expect(choose(wanted, view)).toEqual({
      message:
        "0/2 nodes are available: 1 Insufficient cpu, 1 node(s) didn't match pod topology spread constraints. " +
        'no new claims to deallocate, preemption: 0/2 nodes are available: ' +
        '1 No preemption victims found for incoming pod, 1 Preemption is not helpful for scheduling.',
    });
    const bare = viewOf([node('a')]);
    expect(choose(wanted, bare)).toHaveProperty(
      'message',
      expect.stringContaining("1 node(s) didn't match pod topology spread constraints (missing required label)."),
    );
  });
});
