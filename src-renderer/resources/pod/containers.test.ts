import { describe, expect, it } from 'vitest';
import type { Pod } from '#common/kube/types';
import { containersOf, probeText } from './containers';
import { crashingPod } from './pod.fixture';

describe('containersOf', () => {
  it('reads a container in a crash loop with the time of its next start', () => {
    const [checkout] = containersOf(crashingPod());
    expect(checkout).toMatchObject({
      name: 'checkout',
      role: 'main',
      image: 'registry.shop.example/checkout:2.8.0',
      tone: 'bad',
      restarts: 6,
      condition: { is: 'waiting', reason: 'CrashLoopBackOff', nextStart: Date.UTC(2026, 10, 20, 9, 43, 53) },
      lastEnd: { is: 'ended', exitCode: 1, at: Date.UTC(2026, 10, 20, 9, 41, 13) },
      ports: [{ port: 8080, name: 'http', protocol: 'TCP' }],
      probes: [{ kind: 'liveness', text: 'http :8080/healthz', every: 5, failures: 3 }],
      resources: [
        { name: 'cpu', request: '100m', limit: '500m' },
        { name: 'memory', request: '128Mi', limit: undefined },
      ],
      environment: [
        { name: '*', value: undefined, from: 'ConfigMap checkout-env' },
        { name: 'MODE', value: 'live', from: undefined },
        { name: 'TOKEN', value: undefined, from: 'Secret checkout-tls, token' },
        { name: 'POD_IP', value: undefined, from: 'status.podIP' },
      ],
    });
  });

  it('lists init containers first and tells sidecars apart', () => {
    const pod = crashingPod();
    pod.spec.initContainers = [
      { name: 'migrate', image: 'migrate:1' },
      { name: 'proxy', image: 'proxy:1', restartPolicy: 'Always' },
    ];
    expect(containersOf(pod).map(({ name, role, condition }) => [name, role, condition.is])).toEqual([
      ['migrate', 'init', 'unknown'],
      ['proxy', 'sidecar', 'unknown'],
      ['checkout', 'main', 'waiting'],
    ]);
  });

  it.each([
    { state: { running: { startedAt: '2026-11-20T09:00:00Z' } }, ready: true, tone: 'ok' },
    { state: { running: {} }, ready: false, tone: 'busy' },
    { state: { waiting: { reason: 'ContainerCreating' } }, ready: false, tone: 'busy' },
    { state: { waiting: { reason: 'ImagePullBackOff' } }, ready: false, tone: 'bad' },
    { state: { terminated: { exitCode: 0 } }, ready: false, tone: 'done' },
    { state: { terminated: { exitCode: 137, signal: 9 } }, ready: false, tone: 'bad' },
    { state: undefined, ready: false, tone: 'none' },
  ])('is $tone in the state $state', ({ state, ready, tone }) => {
    const pod = crashingPod();
    const [status] = pod.status!.containerStatuses!;
    pod.status!.containerStatuses = [{ ...status!, ready, ...(state ? { state } : { state: {} }) }];
    expect(containersOf(pod)[0]?.tone).toBe(tone);
  });

  it('reads a Pod that has nothing yet', () => {
    expect(containersOf({ metadata: { name: 'x' } } as unknown as Pod)).toEqual([]);
  });
});

describe('probeText', () => {
  it.each([
    [{ httpGet: { port: 8080, path: '/healthz' } }, 'http :8080/healthz'],
    [{ httpGet: { port: 'web', scheme: 'HTTPS', host: 'x' } }, 'https x:web/'],
    [{ tcpSocket: { port: 5432 } }, 'tcp :5432'],
    [{ grpc: { port: 9090, service: 'ready' } }, 'grpc :9090 ready'],
    [{ exec: { command: ['pg_isready', '-U', 'app'] } }, 'exec pg_isready -U app'],
    [{}, ''],
  ])('says %j as "%s"', (probe, text) => {
    expect(probeText(probe)).toBe(text);
  });
});
