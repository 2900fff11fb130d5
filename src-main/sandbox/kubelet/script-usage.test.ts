import { describe, expect, it } from 'vitest';
import { Pods } from '#common/kube/resources';
import type { Pod } from '#common/kube/types';
import { TestSandbox } from '#test/harness/test-sandbox';

const pod = (name: string, script: string, limits?: Record<string, string>) => ({
  metadata: { name },
  spec: {
    nodeName: 'node-1',
    restartPolicy: 'Never',
    containers: [
      {
        name: 'main',
        image: 'busybox',
        command: ['sh', '-c', script],
        ...(limits && { resources: { limits } }),
      },
    ],
  },
});

/** Thousandths of a core. */
const milli = (cpu = ''): number => {
  const divisor = { n: 1e6, u: 1e3, m: 1 }[cpu.at(-1) ?? ''];
  return divisor === undefined ? Number(cpu) * 1000 : Number(cpu.slice(0, -1)) / divisor;
};

describe('the scripts of a Pod', { timeout: 30_000 }, () => {
  it.each([
    { name: 'loop', script: 'while :; do :; done', from: 900, to: 1010 },
    { name: 'limited', script: 'while :; do :; done', limits: { cpu: '100m' }, from: 85, to: 115 },
    { name: 'yes', script: 'yes > /dev/null', from: 900, to: 1010 },
    { name: 'polite', script: 'while :; do echo x | md5sum > /dev/null; sleep 0.5; done', from: 0, to: 10 },
  ])(
    'show in metrics.k8s.io what they use, within their limit: $name',
    async ({ name, script, limits, from, to }) => {
      await using sandbox = await TestSandbox.open({ nodes: 1 });
      await sandbox.create(Pods, pod(name, script, limits));
      await sandbox.advance(16_000);
      const [metrics] = (await sandbox.kubelets?.usage.pods('default')) ?? [];
      const used = milli(metrics?.containers[0]?.usage['cpu']);
      expect(used).toBeGreaterThan(from);
      expect(used).toBeLessThan(to);
    },
    30_000,
  );

  it('are waited for before time goes on, whatever takes them long', async () => {
    await using sandbox = await TestSandbox.open({ nodes: 1 });
    const started = await sandbox.create(Pods, pod('sum', "sleep 5; awk 'BEGIN{for(i=0;i<9000;i++)x+=i; print x}'"));
    await sandbox.settle({ quietMs: 10_000 });
    const ended: Pod = await sandbox.get(Pods, started.metadata.name);
    const { terminated } = ended.status?.containerStatuses?.[0]?.state ?? {};
    const tookMs = Date.parse(terminated?.finishedAt ?? '') - Date.parse(terminated?.startedAt ?? '');
    expect([terminated?.exitCode, tookMs]).toEqual([0, 5000]);
  });

  it('are killed when they want more memory than they may have', async () => {
    await using sandbox = await TestSandbox.open({ nodes: 1 });
    const grows = pod('grows', 'x=a; while :; do x=$x$x; done', { memory: '64Mi' });
    const started = await sandbox.create(Pods, grows);
    await sandbox.settle();
    const ended = await sandbox.get(Pods, started.metadata.name);
    const { terminated } = ended.status?.containerStatuses?.[0]?.state ?? {};
    expect([terminated?.reason, terminated?.exitCode]).toEqual(['OOMKilled', 137]);
  });
});
