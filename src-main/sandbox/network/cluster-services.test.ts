import { describe, expect, it } from 'vitest';
import { Pods, Services } from '#common/kube/resources';
import type { Pod } from '#common/kube/types';
import { openCluster, type Cluster } from '../cluster';

const isReady = (pod: Pod) => pod.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True');

describe('a cluster whose Pods talk', () => {
  it('reaches Services, the API server with the mounted token, and keeps both apart', async () => {
    await using cluster = await openCluster({ name: 'network-test', scenario: 'empty', nodes: 2, seed: 3 });
    await cluster.ready();
    const client = cluster.client();
    await client.create(Services, {
      metadata: { name: 'web', namespace: 'default' },
      spec: { selector: { app: 'web' }, ports: [{ port: 80, targetPort: 'http' as never }] },
    });
    const ports = [{ name: 'http', containerPort: 80 }];
    await start(cluster, 'web', { image: 'nginx', ports });
    const box = await start(cluster, 'box', { image: 'curlimages/curl', command: ['sleep', '3600'] });
    const curl = async (...words: string[]) => (await exec(cluster, box, ['curl', '-sS', '-m', '5', ...words])).out;
    await eventually(async () => (await curl('http://web.default.svc.cluster.local')).includes('Welcome to nginx!'));
    expect(await curl('web:81', '-m', '1')).toBe('');
    const script =
      'cd /var/run/secrets/kubernetes.io/serviceaccount; ' +
      'curl -s --cacert ca.crt -H "Authorization: Bearer $(cat token)" https://kubernetes.default/api/v1/pods';
    const answer = await exec(cluster, box, ['sh', '-c', script]);
    expect(JSON.parse(answer.out)).toMatchObject({
      code: 403,
      message: expect.stringContaining('User "system:serviceaccount:default:default" cannot list resource "pods"'),
    });
    expect(await exec(cluster, box, ['curl', '-s', 'https://kubernetes.default'])).toMatchObject({ code: 60 });
    const env = await exec(cluster, box, ['printenv', 'KUBERNETES_SERVICE_HOST']);
    expect(env.out).toBe('10.96.0.1\n');
  });
});

async function start(cluster: Cluster, name: string, container: object): Promise<Pod> {
  const client = cluster.client();
  const metadata = { name, namespace: 'default', labels: { app: name } };
  await client.create(Pods, { metadata, spec: { containers: [{ name: 'main', ...container }] } });
  let pod: Pod | undefined;
  await eventually(async () => {
    pod = await client.get(Pods, { name, namespace: 'default' });
    return isReady(pod) === true;
  });
  return pod!;
}

async function exec(cluster: Cluster, { metadata, spec }: Pod, command: string[]) {
  const door = cluster.plane.directory(spec.nodeName ?? '');
  const ref = { namespace: 'default', name: metadata.name, uid: metadata.uid };
  const query = { container: 'main', command, stdin: false, stdout: true, stderr: true, tty: false };
  const streams = await door!.exec(ref, query, AbortSignal.timeout(8000));
  const [out, { code }] = await Promise.all([textOf(streams.stdout), streams.exit]);
  return { out, code };
}

async function eventually(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setImmediate(resolve));
}

async function textOf(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return Buffer.concat(parts).toString('utf8');
}
