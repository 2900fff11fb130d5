import { describe, expect, it } from 'vitest';
import { Pods } from '#common/kube/resources';
import { parsePrometheus } from '#test/harness/prometheus-parser';
import { openCluster, type Cluster } from '../../cluster';

/** Families and their samples are in order, and nothing is there twice. */
function expectPrometheusText(text: string): string[] {
  const families = [...parsePrometheus(text).keys()];
  expect(families).toEqual(families.toSorted());
  return families;
}

async function openWithPod(): Promise<Cluster> {
  const cluster = await openCluster({ name: 'pages', nodes: 1, scenario: 'empty', seed: 4 });
  await cluster.ready();
  const client = cluster.client();
  const readinessProbe = { httpGet: { path: '/', port: 80 }, periodSeconds: 1 };
  const limits = { cpu: '500m', memory: '64Mi' };
  const containers = [{ name: 'web', image: 'nginx:1.29', readinessProbe, resources: { limits } }];
  await client.create(Pods, { metadata: { name: 'web', namespace: 'default' }, spec: { containers } });
  const isReady = async () =>
    (await client.get(Pods, { name: 'web', namespace: 'default' })).status?.containerStatuses?.[0]?.ready;
  while (!(await isReady())) await new Promise((resolve) => setTimeout(resolve, 20));
  return cluster;
}

async function page(cluster: Cluster, path: string): Promise<string> {
  const response = await cluster.client().request({ method: 'GET', path });
  const parts: Uint8Array[] = [];
  for await (const part of response.chunks()) parts.push(part);
  return Buffer.concat(parts).toString('utf8');
}

const KUBELET = '/api/v1/nodes/node-1/proxy';

describe('the pages of a kubelet', () => {
  it('are valid Prometheus text that counts probes, traffic, processor time and limits', async () => {
    await using cluster = await openWithPod();
    const families = async (path: string) => expectPrometheusText(await page(cluster, KUBELET + path));
    expect(await families('/metrics')).toEqual(
      expect.arrayContaining(['kubelet_running_pods', 'kubernetes_build_info']),
    );
    expect(await families('/metrics/resource')).toEqual(
      expect.arrayContaining(['node_cpu_usage_seconds_total', 'pod_memory_working_set_bytes']),
    );
    expect(await families('/metrics/cadvisor')).toEqual(
      expect.arrayContaining(['container_cpu_usage_seconds_total', 'machine_cpu_cores']),
    );
    expect(await page(cluster, `${KUBELET}/metrics/probes`)).toMatch(
      /prober_probe_total\{container="web",namespace="default",pod="web",pod_uid="[^"]+",probe_type="Readiness",result="successful"\} [1-9]/,
    );
    const cadvisor = await page(cluster, `${KUBELET}/metrics/cadvisor`);
    expect(cadvisor).toMatch(
      /container_network_receive_bytes_total\{[^}]*interface="eth0"[^}]*pod="web"\} [1-9][\d.e+]+ \d+/,
    );
    expect(cadvisor).toMatch(
      /container_spec_memory_limit_bytes\{container="web",id="\/kubepods[^"]+"[^}]*\} 6\.7108864e\+07/,
    );
  });

  it('summarise nodes, Pods and containers, and there are no others', async () => {
    await using cluster = await openWithPod();
    const { node, pods } = JSON.parse(await page(cluster, `${KUBELET}/stats/summary`)) as {
      node: object;
      pods: { podRef: { name: string }; containers: object[] }[];
    };
    expect(node).toMatchObject({ nodeName: 'node-1', cpu: { usageCoreNanoSeconds: expect.any(Number) } });
    const web = pods.find(({ podRef }) => podRef.name === 'web');
    expect(web?.containers[0]).toMatchObject({ name: 'web', memory: { workingSetBytes: expect.any(Number) } });
    await expect(page(cluster, `${KUBELET}/nothing`)).rejects.toMatchObject({ code: 404 });
  });
});

describe('/metrics of the API server', () => {
  it('counts requests and objects under the names of the real one', async () => {
    await using cluster = await openWithPod();
    const text = await page(cluster, '/metrics');
    expect(expectPrometheusText(text)).toEqual(
      expect.arrayContaining(['apiserver_request_total', 'apiserver_request_duration_seconds']),
    );
    expect(text).toMatch(/apiserver_resource_objects\{group="",resource="nodes"\} 1\n/);
    expect(text).toContain(
      'apiserver_request_total{code="201",component="apiserver",dry_run="",group="",resource="pods",scope="resource",subresource="",verb="POST",version="v1"} 1\n',
    );
  });
});
