import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ClusterClock } from '#main/sandbox/control/cluster-clock';
import { openSandbox, type SandboxCluster } from '#main/sandbox/index';
import { findKubectl, runKubectl } from '#test/harness/kubectl';

/** Metrics and autoscaling as the walkthrough of the documentation does it, on a clock that runs faster. */
const kubectl = findKubectl();

const MANIFEST = `
apiVersion: apps/v1
kind: Deployment
metadata: { name: php-apache }
spec:
  selector: { matchLabels: { run: php-apache } }
  template:
    metadata: { labels: { run: php-apache } }
    spec:
      containers:
        - name: php-apache
          image: registry.k8s.io/hpa-example
          ports: [{ containerPort: 80 }]
          resources: { limits: { cpu: 500m }, requests: { cpu: 200m } }
---
apiVersion: v1
kind: Service
metadata: { name: php-apache }
spec: { ports: [{ port: 80 }], selector: { run: php-apache } }
`;

const LOOP = 'while sleep 0.01; do wget -q -O- http://php-apache; done';

describe.skipIf(!kubectl)('metrics and autoscaling', () => {
  const clock = new ClusterClock();
  let cluster: SandboxCluster;
  let folder: string;
  let kubeconfig: string;

  beforeAll(async () => {
    cluster = await openSandbox({ name: 'scaling', nodes: 2, scenario: 'empty', seed: 3, clock });
    await cluster.ready();
    folder = await mkdtemp(join(tmpdir(), 'pilothouse-kubectl-'));
    kubeconfig = join(folder, 'config');
    await writeFile(kubeconfig, cluster.kubeconfig());
    await run(['apply', '-f', '-'], MANIFEST);
    await run(['rollout', 'status', 'deployment/php-apache', '--timeout=60s']);
  });

  afterAll(async () => {
    await cluster?.close();
    clock[Symbol.dispose]();
    if (folder) await rm(folder, { recursive: true });
  });

  const run = async (args: string[], input?: string) =>
    (await runKubectl(args, { kubeconfig, ...(input === undefined ? {} : { input }) })).out;
  const tried = (...args: string[]) => runKubectl(args, { kubeconfig, mayFail: true });

  async function until(args: string[], holds: (out: string) => boolean): Promise<string> {
    for (;;) {
      const { out } = await tried(...args);
      if (holds(out)) return out;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  it('tells what nodes and Pods use, once they have been measured', async () => {
    clock.setRate(10);
    const out = await until(['top', 'pod', '--containers'], (text) => text.includes('php-apache'));
    expect(out).toMatch(/^POD\s+NAME\s+CPU\(cores\)\s+MEMORY\(bytes\)\s*\nphp-apache-\S+\s+php-apache\s+\d+m\s+\d+Mi/);
    const nodes = await run(['top', 'node', '--sort-by=cpu', '--no-headers']);
    expect(
      nodes
        .trim()
        .split('\n')
        .map((line) => line.replaceAll(/\s+/g, ' ')),
    ).toEqual([
      expect.stringMatching(/^node-\d \d+m \d% \d+Mi \d+%/),
      expect.stringMatching(/^node-\d \d+m \d% \d+Mi \d+%/),
    ]);
    expect((await tried('top', 'pod', 'nobody')).err).toBe(
      'Error from server (NotFound): podmetrics.metrics.k8s.io "default/nobody" not found\n',
    );
  });

  it('scales up under load, and down again five minutes after it ended', async () => {
    clock.setRate(5);
    await run(['autoscale', 'deployment', 'php-apache', '--cpu-percent=50', '--min=1', '--max=6']);
    await run(['run', 'load', '--image=busybox:1.36', '--restart=Never', '--', '/bin/sh', '-c', LOOP]);
    const size = ['get', 'hpa', 'php-apache', '-o', 'jsonpath={.status.desiredReplicas}'];
    await until(size, (text) => Number(text) >= 4);
    expect(await run(['describe', 'hpa', 'php-apache'])).toMatch(
      /SuccessfulRescale .*New size: \d; reason: cpu resource utilization \(percentage of request\) above target/,
    );
    await run(['delete', 'pod', 'load', '--now']);
    const before = clock.now();
    clock.setRate(40);
    await until(size, (text) => text === '1');
    expect(clock.now() - before).toBeGreaterThan(240_000);
    const reasons = await run(['get', 'hpa', 'php-apache', '-o', 'jsonpath={.status.conditions[*].reason}']);
    expect(reasons.split(' ').slice(1)).toEqual(['ValidMetricFound', expect.stringMatching(/TooFew|DesiredWithin/)]);
    expect(await run(['describe', 'hpa', 'php-apache'])).toContain('reason: All metrics below target');
  });

  it('says what it lacks', async () => {
    const spec = { maxReplicas: 3, scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'nobody' } };
    const metadata = { name: 'lost' };
    const lost = { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', metadata, spec };
    await run(['apply', '-f', '-'], JSON.stringify(lost));
    const message = ['get', 'hpa', 'lost', '-o', 'jsonpath={.status.conditions[0].message}'];
    expect(await until(message, (text) => text !== '')).toBe(
      'the HPA controller was unable to get the target\'s current scale: deployments.apps "nobody" not found',
    );
  });
});
