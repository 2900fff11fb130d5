import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Pods } from '#common/kube/resources';
import type { Container, Pod } from '#common/kube/types';
import { podStatus } from '#common/kinds/pod-status';
import { TestSandbox } from '#test/harness/test-sandbox';

/** Of an image that nobody knows, whoever runs it says the most: what it may be, where it listens, whether it ends. */
describe('an image that nobody knows', () => {
  let sandbox: TestSandbox;

  beforeEach(async () => {
    sandbox = await TestSandbox.open({ nodes: 1 });
  });

  afterEach(async () => {
    expect(sandbox.reports).toEqual([]);
    await sandbox[Symbol.asyncDispose]();
  });

  const container = (more: object): Container => ({ name: 'main', image: 'example.org/team/app:v1', ...more });

  async function stateAfter(spec: Partial<Pod['spec']>) {
    await sandbox.create(Pods, { metadata: { name: 'app' }, spec: { nodeName: 'node-1', containers: [], ...spec } });
    for (let passed = 0; passed < 20_000; passed += 500) await sandbox.advance(500);
    const pod = await sandbox.get(Pods, 'app');
    return { pod, word: podStatus(pod).word, ready: pod.status?.containerStatuses?.[0]?.ready };
  }

  it('is one of a user other than root where root is refused', async () => {
    const securityContext = { runAsNonRoot: true };
    const { pod, word } = await stateAfter({ securityContext, containers: [container({})] });
    expect(word).toBe('Running');
    expect(pod.status?.containerStatuses?.[0]?.user?.linux?.uid).toBe(65_532);
  });

  it.each<[what: string, probe: object]>([
    ['over TLS', { httpGet: { port: 9443, path: '/readyz', scheme: 'HTTPS' } }],
    ['in the clear', { httpGet: { port: 8080, path: '/healthz' } }],
    ['over gRPC', { grpc: { port: 9090 } }],
    ['by a script that calls a command of its own', { exec: { command: ['sh', '-c', 'is-ready || exit 1'] } }],
    ['by a command of its own', { exec: { command: ['/usr/bin/healthcheck', '--fast'] } }],
  ])('is well when it is asked %s', async (_what, readinessProbe) => {
    expect(await stateAfter({ containers: [container({ readinessProbe })] })).toMatchObject({ ready: true });
  });

  it('comes to its end as an init container, and goes on as the main one', async () => {
    const initContainers = [container({ name: 'prepare', command: ['/app', 'migrate'] })];
    const { word } = await stateAfter({ initContainers, containers: [container({})] });
    expect(word).toBe('Running');
  });

  it.each<[what: string, script: string]>([
    ['by its path', 'exec /app/server --port 8080'],
    ['by its name', 'export A=1; serve "$A"'],
    ['by a path in its folder', 'cd /tmp && ./start.sh'],
  ])('has the program that a script runs %s', async (_what, script) => {
    expect(
      await stateAfter({
        containers: [container({ command: ['/bin/sh', '-c', script], ports: [{ containerPort: 8080 }] })],
      }),
    ).toMatchObject({ word: 'Running' });
  });

  it.each<[what: string, more: object, word: string]>([
    ['comes to its end in the Pod of a Job', { command: ['/app', 'backup'] }, 'Completed'],
    ['comes to its end with arguments of its own program', { args: ['check', 'api'] }, 'Completed'],
    ['goes on where it listens', { ports: [{ containerPort: 8080 }] }, 'Running'],
  ])('%s', async (_what, more, word) => {
    expect(await stateAfter({ restartPolicy: 'Never', containers: [container(more)] })).toMatchObject({ word });
  });
});
