import { describe, expect, it } from 'vitest';
import { systemClock } from '#main/base/system-clock';
import type { Probe } from '#common/kube/types';
import { testContainer } from '#test/harness/test-container';
import { probeVerdict } from './container-checks';

/** Runs a probe in a container whose program is up. */
async function verdict(image: string, probe: Probe, command?: string[], declaredPorts: number[] = []) {
  const container = testContainer(image, { command, declaredPorts });
  const running = container.run();
  const spec = { name: 'main', ports: [{ name: 'web', containerPort: 80 }] };
  for (let turn = 0; turn < 200 && container.ports.length === 0; turn++)
    await new Promise((resolve) => setTimeout(resolve, 10));
  const found = await probeVerdict({ timeoutSeconds: 3, ...probe }, { clock: systemClock, spec, container });
  container.kill();
  await running;
  return found;
}

const healthy = { outcome: 'healthy' };
const refused = (port: number) => `dial tcp 10.244.0.2:${port}: connect: connection refused`;

describe('a probe', () => {
  it.each<[string, string, Probe, object]>([
    ['gets a page', 'nginx:1.29', { httpGet: { path: '/', port: 'web' } }, healthy],
    [
      'gets a page that is not there',
      'nginx:1.29',
      { httpGet: { path: 'no', port: 80 } },
      { outcome: 'unhealthy', message: 'HTTP probe failed with statuscode: 404' },
    ],
    [
      'gets nothing',
      'nginx:1.29',
      { httpGet: { path: '/x', port: 81 } },
      { outcome: 'unhealthy', message: `Get "http://10.244.0.2:81/x": ${refused(81)}` },
    ],
    [
      'speaks TLS to who does not',
      'nginx:1.29',
      { httpGet: { path: '/', port: 80, scheme: 'HTTPS' } },
      {
        outcome: 'unhealthy',
        message: 'Get "https://10.244.0.2:80/": http: server gave HTTP response to HTTPS client',
      },
    ],
    [
      'speaks TLS to who does',
      'registry.k8s.io/metrics-server/metrics-server:v0.8.0',
      { httpGet: { path: '/livez', port: 10250, scheme: 'HTTPS' } },
      healthy,
    ],
    ['connects', 'redis:7', { tcpSocket: { port: 6379 } }, healthy],
    ['connects to nobody', 'redis:7', { tcpSocket: { port: 1 } }, { outcome: 'unhealthy', message: refused(1) }],
    ['asks a gRPC server', 'registry.k8s.io/etcd:3.6.8-0', { grpc: { port: 2379 } }, healthy],
    ['runs a command', 'nginx:1.29', { exec: { command: ['true'] } }, healthy],
    [
      'runs a command that fails',
      'nginx:1.29',
      { exec: { command: ['cat', '/no'] } },
      { outcome: 'unhealthy', message: 'cat: /no: No such file or directory\n' },
    ],
    ['cannot run its command', 'nginx:1.29', { exec: { command: ['nosuch'] } }, { outcome: 'errored' }],
    [
      'takes too long',
      'nginx:1.29',
      { exec: { command: ['sleep', '5'] }, timeoutSeconds: 1 },
      { outcome: 'unhealthy', message: 'command timed out: "sleep 5" timed out after 1s' },
    ],
  ])('%s', async (_case, image, probe, expected) => {
    expect(await verdict(image, probe)).toMatchObject(expected);
  });

  it('finds an image nobody knows well at the ports that are declared for it', async () => {
    expect(
      await verdict('example.io/team/app:1', { httpGet: { path: '/ready', port: 8080 } }, undefined, [8080]),
    ).toEqual(healthy);
    expect(await verdict('example.io/team/app:1', { grpc: { port: 8080 } }, undefined, [8080])).toEqual(healthy);
  });
});
