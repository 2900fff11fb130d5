import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '#common/base/random';
import { systemClock } from '#main/base/system-clock';
import { kubeconfigText } from '#main/sandbox/kubeconfig-text';
import { findKubectl, runKubectl, type KubectlResult } from '#test/harness/kubectl';
import { createApiServer } from './server';

const found = findKubectl();

interface World extends AsyncDisposable {
  kubeconfig: string;
  run(...args: string[]): Promise<KubectlResult>;
}

async function open(): Promise<World> {
  const server = await createApiServer({ clock: systemClock, random: seededRandom(1), nodes: () => undefined });
  const { url } = await server.listen(0);
  const folder = await mkdtemp(join(tmpdir(), 'kubectl-'));
  const kubeconfig = join(folder, 'config');
  await writeFile(kubeconfig, kubeconfigText('test', url, server.certificates));
  return {
    kubeconfig,
    run: (...args) => runKubectl(args, { kubeconfig, mayFail: true }),
    async [Symbol.asyncDispose]() {
      await server.close();
      await rm(folder, { recursive: true });
    },
  };
}

describe.skipIf(!found)(
  'kubectl at the API server',
  () => {
    it('asks what it may do, in protobuf', async () => {
      await using world = await open();
      const { run } = world;
      expect((await run('auth', 'can-i', 'delete', 'pods')).out).toBe('yes\n');
      expect((await run('auth', 'can-i', 'delete', 'pods', '--as', 'ann')).out).toBe('no\n');
      expect((await run('auth', 'whoami')).out).toContain('kubernetes-admin');
    });

    it('shows the warning of a namespace that only warns', async () => {
      await using world = await open();
      const { run } = world;
      await run('create', 'namespace', 'careful');
      await run('label', 'namespace', 'careful', 'pod-security.kubernetes.io/warn=baseline');
      const args = [
        'create',
        'deployment',
        'web',
        '--image',
        'nginx',
        '--namespace',
        'careful',
        '--dry-run=client',
        '-o',
        'json',
      ];
      const deployment = JSON.parse((await run(...args)).out) as { spec: { template: { spec: object } } };
      Object.assign(deployment.spec.template.spec, { hostPID: true });
      const options = { kubeconfig: world.kubeconfig, mayFail: true, input: JSON.stringify(deployment) };
      const { err, out } = await runKubectl(['create', '-f', '-'], options);
      expect(err).toContain('Warning: would violate PodSecurity "baseline:latest": host namespaces (hostPID=true)');
      expect(out).toContain('deployment.apps/web created');
    });

    it('creates a quota that refuses', async () => {
      await using world = await open();
      const { run } = world;
      await run('create', 'quota', 'few', '--hard=configmaps=1');
      expect((await run('create', 'configmap', 'one')).code).toBe(0);
      expect((await run('create', 'configmap', 'two')).err).toContain(
        'configmaps "two" is forbidden: exceeded quota: few, requested: configmaps=1, used: configmaps=1, limited: configmaps=1',
      );
    });
  },
  60_000,
);
