import { describe, expect, it } from 'vitest';
import type { Pod } from '#common/kube/types';
import { PlacedPods } from './placed-pods';

function pod(uid: string, app: string, more: Partial<Pod['metadata']> = {}): Pod {
  const metadata = {
    name: uid,
    namespace: 'default',
    uid,
    resourceVersion: '1',
    creationTimestamp: '2026-01-01T00:00:00Z',
  };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { ...metadata, labels: { app }, ...more },
    spec: { containers: [] },
  };
}

const question = { namespace: 'default', selector: { matchLabels: { app: 'web' } }, leaving: false };
const counts = (pods: PlacedPods, asked = question) => Object.fromEntries(pods.countsOf(asked));

describe('PlacedPods', () => {
  it('keeps the answer to a question up to date', () => {
    const pods = new PlacedPods((nodeName) => `zone of ${nodeName}`);
    pods.add({ pod: pod('1', 'web'), nodeName: 'a' });
    expect(counts(pods)).toEqual({ a: 1 });
    pods.add({ pod: pod('2', 'web'), nodeName: 'a' });
    pods.add({ pod: pod('3', 'db'), nodeName: 'a' });
    pods.add({ pod: pod('4', 'web', { namespace: 'other' }), nodeName: 'b' });
    expect(counts(pods)).toEqual({ a: 2 });
    pods.remove('1');
    pods.remove('2');
    expect(counts(pods)).toEqual({});
  });

  it('counts Pods on their way out only where they are asked for', () => {
    const pods = new PlacedPods((nodeName) => `zone of ${nodeName}`);
    pods.add({ pod: pod('1', 'web', { deletionTimestamp: '2026-01-01T00:00:00Z' }), nodeName: 'a' });
    expect([counts(pods), counts(pods, { ...question, leaving: true })]).toEqual([{}, { a: 1 }]);
  });

  it('counts by domain where a topology key is given', () => {
    const pods = new PlacedPods((nodeName) => ({ a: 'x', b: 'x', c: undefined })[nodeName]);
    for (const [uid, nodeName] of Object.entries({ 1: 'a', 2: 'b', 3: 'c' }))
      pods.add({ pod: pod(uid, 'web'), nodeName });
    expect(Object.fromEntries(pods.countsOf({ ...question, topologyKey: 'zone' }))).toEqual({ x: 2 });
  });

  it('answers rightly again after a question was forgotten', () => {
    const pods = new PlacedPods((nodeName) => `zone of ${nodeName}`);
    expect(counts(pods)).toEqual({});
    for (let at = 0; at < 200; at++) pods.countsOf({ ...question, namespace: `n${at}` });
    pods.add({ pod: pod('1', 'web'), nodeName: 'a' });
    expect(counts(pods)).toEqual({ a: 1 });
  });
});
