import { describe, expect, it } from 'vitest';
import type { Node, Pod } from '#common/kube/types';
import { nodeMetricsOf, podMetricsOf } from './resource-metrics-api';
import type { ContainerReading } from './reading';
import { bytesText, coresText } from './quantity-text';

const START = Date.UTC(2026, 0, 1);

const pod = { metadata: { name: 'web', namespace: 'shop', uid: 'u', labels: { app: 'web' } } } as unknown as Pod;

const container = (name: string, startedAtMs: number, cores: number): ContainerReading => ({
  name,
  startedAtMs,
  cpuMsAt: (atMs) => Math.max(0, atMs - startedAtMs) * cores,
  memoryBytes: 20 * 2 ** 20,
  fileBytes: 0,
  receivedBytes: 0,
  sentBytes: 0,
  probes: new Map(),
  logBytes: () => 0,
});

describe('PodMetrics', () => {
  it('tells what was used between the last two measurements', () => {
    const containers = [container('nginx', START, 0.25), container('log', START, 0.0015)];
    expect(podMetricsOf({ pod, containers }, START + 66_000)).toEqual({
      kind: 'PodMetrics',
      apiVersion: 'metrics.k8s.io/v1beta1',
      metadata: {
        name: 'web',
        namespace: 'shop',
        labels: { app: 'web' },
        creationTimestamp: '2026-01-01T00:01:06Z',
      },
      timestamp: '2026-01-01T00:01:00Z',
      window: '15s',
      containers: [
        { name: 'nginx', usage: { cpu: '250m', memory: '20Mi' } },
        { name: 'log', usage: { cpu: '1500u', memory: '20Mi' } },
      ],
    });
  });

  it.each([
    { ageMs: 3000, nowMs: 15_000, window: undefined },
    { ageMs: 12_000, nowMs: 15_000, window: '12s' },
    { ageMs: 14_000, nowMs: 29_000, window: undefined },
  ])('waits until a container has run for ten seconds: $ageMs at $nowMs', ({ ageMs, nowMs, window }) => {
    const containers = [container('a', START, 1), container('b', START + nowMs - ageMs, 1)];
    expect(podMetricsOf({ pod, containers }, START + nowMs)?.window).toBe(window);
  });
});

describe('NodeMetrics', () => {
  it('adds the daemons of the node to its Pods', () => {
    const node = { metadata: { name: 'node-1', uid: 'n' } } as unknown as Node;
    const pods = [{ pod, containers: [container('nginx', START, 0.5)] }];
    const metrics = nodeMetricsOf({ node, startedAtMs: START, pods }, START + 60_000);
    const cores = Number(metrics?.usage['cpu']?.replace('n', '')) / 1e9;
    expect(cores).toBeGreaterThan(0.55);
    expect(cores).toBeLessThan(0.65);
    expect(metrics?.metadata).toMatchObject({ name: 'node-1' });
  });
});

describe('quantities', () => {
  it.each([
    [0, '0'],
    [2_000_000_000, '2'],
    [250_000_000, '250m'],
    [1_234_567, '1234567n'],
  ])('%d nanocores are %s', (nanocores, text) => expect(coresText(nanocores)).toBe(text));
  it.each([
    [4096, '4Ki'],
    [12_345 * 1024, '12345Ki'],
    [3 * 2 ** 30, '3Gi'],
  ])('%d bytes are %s', (bytes, text) => expect(bytesText(bytes)).toBe(text));
});
