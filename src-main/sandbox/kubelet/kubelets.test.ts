import { describe, expect, it } from 'vitest';
import { Pods, Events } from '#common/kube/resources';
import type { Pod } from '#common/kube/types';
import { openCluster, type Cluster } from '../cluster';

const failures: string[] = [];

async function startCluster(): Promise<Cluster> {
  const options = { name: 'kubelet-test', scenario: 'empty', nodes: 1, seed: 7 };
  const cluster = await openCluster({ ...options, onMessage: (text) => failures.push(text) });
  await cluster.ready();
  return cluster;
}

describe('a cluster with kubelets', () => {
  it('runs a Pod to readiness, serves its page and logs the request', async () => {
    await using cluster = await startCluster();
    const pod = await runPod(cluster, 'web', { image: 'nginx:1.29' }, isReady);
    expect(pod.status?.phase).toBe('Running');
    const door = cluster.plane.directory(pod.spec.nodeName ?? '');
    const ref = { namespace: 'default', name: 'web', uid: pod.metadata.uid };
    const signal = AbortSignal.timeout(5000);
    const connection = await door!.dial(ref, 80, signal);
    connection.write('GET / HTTP/1.1\r\nHost: web\r\nConnection: close\r\n\r\n');
    expect(await textOf(connection)).toContain('Welcome to nginx!');
    const query = { container: 'main', follow: false, previous: false, timestamps: false, tailLines: 1 };
    expect(await textOf(await door!.logs(ref, query, signal))).toContain('"GET / HTTP/1.1" 200');
    const streams = await door!.exec(ref, execOf(['sh', '-c', 'hostname; exit 3']), signal);
    expect(await textOf(streams.stdout)).toBe('web\n');
    expect(await streams.exit).toEqual({ code: 3 });
  });

  it('restarts what fails and says so', async () => {
    await using cluster = await startCluster();
    const command = ['sh', '-c', 'echo started; exit 1'];
    const pod = await runPod(cluster, 'crash', { image: 'busybox', command }, waitsFor('CrashLoopBackOff'));
    expect(pod.status?.containerStatuses?.[0]).toMatchObject({
      restartCount: 1,
      ready: false,
      lastState: { terminated: { exitCode: 1, reason: 'Error' } },
    });
  });

  it('tells a missing image and a missing ConfigMap apart', async () => {
    await using cluster = await startCluster();
    await runPod(cluster, 'typo', { image: 'nginx:nope' }, waitsFor('ImagePullBackOff'));
    const env = [{ name: 'A', valueFrom: { configMapKeyRef: { name: 'absent', key: 'a' } } }];
    const pod = await runPod(cluster, 'config', { image: 'busybox', env }, waitsFor('CreateContainerConfigError'));
    expect(pod.status?.containerStatuses?.[0]?.state?.waiting?.message).toBe('configmap "absent" not found');
  });

  it('removes a Pod that was deleted', async () => {
    await using cluster = await startCluster();
    const client = cluster.client();
    await runPod(cluster, 'gone', { image: 'busybox', command: ['sleep', '3600'] }, isReady);
    // A sleep has no handler for signals: without a grace it is killed.
    await client.remove(Pods, { name: 'gone', namespace: 'default' }, { gracePeriodSeconds: 1 });
    await eventually(async () =>
      (await client.list(Pods, { namespace: 'default' })).items.every(({ metadata }) => metadata.name !== 'gone'),
    );
    const { items } = await client.list(Events, { namespace: 'default' });
    expect(items.filter(({ involvedObject }) => involvedObject.name === 'gone').map(({ reason }) => reason)).toContain(
      'Killing',
    );
    expect(failures).toEqual([]);
  });
});

const execOf = (command: string[]) => ({
  container: 'main',
  command,
  stdin: false,
  stdout: true,
  stderr: true,
  tty: false,
});
const isReady = (pod: Pod) => pod.status?.conditions?.find(({ type }) => type === 'Ready')?.status === 'True';
const waitsFor = (reason: string) => (pod: Pod) =>
  pod.status?.containerStatuses?.[0]?.state?.waiting?.reason === reason;

async function runPod(cluster: Cluster, name: string, container: object, done: (pod: Pod) => boolean): Promise<Pod> {
  const client = cluster.client();
  const draft = { metadata: { name, namespace: 'default' }, spec: { containers: [{ name: 'main', ...container }] } };
  await client.create(Pods, draft, { namespace: 'default' });
  const fieldSelector = `metadata.name=${name}`;
  for await (const { object } of client.watch(Pods, {
    namespace: 'default',
    fieldSelector,
    sendInitialEvents: true,
    allowWatchBookmarks: true,
    resourceVersionMatch: 'NotOlderThan',
    signal: AbortSignal.timeout(8000),
  })) {
    if (done(object)) return object;
  }
  throw new Error(`${name} never came that far`);
}

async function eventually(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setImmediate(resolve));
}

async function textOf(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return Buffer.concat(parts).toString('utf8');
}
