import { describe, expect, it } from 'vitest';
import { matchesSelector } from '#common/kinds/selector';
import type { Node, Pod } from '#common/kube/types';
import { NodeStates } from './node-state';
import type { PodQuestion } from './tallies';

const metadata = (name: string) => ({
  name,
  namespace: 'default',
  uid: name,
  resourceVersion: '1',
  creationTimestamp: '',
});

function pod(uid: string, app: string, spec: Partial<Pod['spec']> = {}): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { ...metadata(uid), labels: { app } },
    spec: { containers: [], ...spec },
  };
}

const node = (name: string, labels: Record<string, string> = {}): Node => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { ...metadata(name), labels },
  spec: {},
});

const web: PodQuestion = { key: 'web', counts: (one) => matchesSelector({ matchLabels: { app: 'web' } }, one) };
const byZone: PodQuestion = { ...web, key: 'web by zone', topologyKey: 'zone' };

function open() {
  const states = new NodeStates();
  states.setNode(node('a', { zone: 'x' }));
  states.setNode(node('b', { zone: 'x' }));
  states.setNode(node('c', { zone: 'y' }));
  const counts = (question: PodQuestion) => Object.fromEntries(states.tallies.countsOf(question));
  return { states, counts };
}

describe('Tallies', () => {
  it('keeps the answer to a question up to date', () => {
    const { states, counts } = open();
    states.place(pod('1', 'web'), 'a');
    expect(counts(web)).toEqual({ a: 1, b: 0, c: 0 });
    states.place(pod('2', 'web'), 'a');
    states.place(pod('3', 'db'), 'a');
    expect(counts(web)).toEqual({ a: 2, b: 0, c: 0 });
    states.remove('1');
    states.place(pod('2', 'web'), 'c');
    expect(counts(web)).toEqual({ a: 0, b: 0, c: 1 });
  });

  it('counts by domain where a topology key is given, empty domains too', () => {
    const { states, counts } = open();
    for (const [uid, nodeName] of [
      ['1', 'a'],
      ['2', 'b'],
    ] as const)
      states.place(pod(uid, 'web'), nodeName);
    expect(counts(byZone)).toEqual({ x: 2, y: 0 });
  });

  it('follows nodes that come, go and move', () => {
    const { states, counts } = open();
    states.place(pod('1', 'web'), 'a');
    states.place(pod('2', 'web'), 'later');
    expect(counts(byZone)).toEqual({ x: 1, y: 0 });
    states.setNode(node('later', { zone: 'y' }));
    expect(counts(byZone)).toEqual({ x: 1, y: 1 });
    states.setNode(node('a', { zone: 'z' }));
    expect(counts(byZone)).toEqual({ x: 0, y: 1, z: 1 });
    states.removeNode('b');
    states.removeNode('later');
    expect(counts(byZone)).toEqual({ y: 0, z: 1 });
  });

  it('counts only on nodes that count', () => {
    const { states, counts } = open();
    const question = { ...byZone, key: 'not b', accepts: ({ metadata: { name } }: Node) => name !== 'b' };
    for (const [uid, nodeName] of [
      ['1', 'a'],
      ['2', 'b'],
    ] as const)
      states.place(pod(uid, 'web'), nodeName);
    expect(counts(question)).toEqual({ x: 1, y: 0 });
  });

  it('answers rightly again after a question was forgotten', () => {
    const { states, counts } = open();
    expect(counts(web)).toEqual({ a: 0, b: 0, c: 0 });
    for (let at = 0; at < 200; at++) states.tallies.countsOf({ ...web, key: `other ${at}` });
    states.place(pod('1', 'web'), 'a');
    expect(counts(web)).toEqual({ a: 1, b: 0, c: 0 });
  });

  it('holds the same term of many Pods as one', () => {
    const { states } = open();
    const term = { labelSelector: { matchLabels: { app: 'web' } }, topologyKey: 'zone' };
    const affinity = { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } };
    for (const [uid, nodeName] of [
      ['1', 'a'],
      ['2', 'b'],
      ['3', 'c'],
    ] as const)
      states.place(pod(uid, 'web', { affinity }), nodeName);
    const held = [...states.tallies.heldTerms].map(({ counts }) => Object.fromEntries(counts));
    expect(held).toEqual([{ x: 2, y: 1 }]);
    for (const uid of ['1', '2', '3']) states.remove(uid);
    expect([...states.tallies.heldTerms]).toEqual([]);
  });
});
