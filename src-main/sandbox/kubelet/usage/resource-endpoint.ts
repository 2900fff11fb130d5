/** `/metrics/resource` of a kubelet: what metrics-server reads. Pure. */
import { counter, gauge, prometheusText, type Sample } from '#main/base/prometheus-text';
import { placeOf } from './cgroups';
import { nodeUse, type ContainerReading, type NodeReading, type PodReading } from './reading';

export function resourceMetricsText(reading: NodeReading, nowMs: number): string {
  const node = nodeUse(reading, nowMs);
  const containers = (value: (container: ContainerReading) => number): Sample[] =>
    reading.pods.flatMap(({ pod, containers: all }) =>
      all.map((one) => ({ labels: { container: one.name, ...placeOf(pod) }, value: value(one), atMs: nowMs })),
    );
  const pods = (value: (container: ContainerReading) => number): Sample[] =>
    reading.pods.map((one) => ({ labels: placeOf(one.pod), value: sumOf(one, value), atMs: nowMs }));
  const cpu = ({ cpuMsAt }: ContainerReading) => cpuMsAt(nowMs) / 1000;
  const memory = ({ memoryBytes }: ContainerReading) => memoryBytes;
  return prometheusText([
    counter(
      'container_cpu_usage_seconds_total',
      '[STABLE] Cumulative cpu time consumed by the container in core-seconds',
      containers(cpu),
    ),
    gauge(
      'container_memory_working_set_bytes',
      '[STABLE] Current working set of the container in bytes',
      containers(memory),
    ),
    gauge(
      'container_start_time_seconds',
      '[STABLE] Start time of the container since unix epoch in seconds',
      containers(({ startedAtMs }) => startedAtMs / 1000).map(({ labels = {}, value }) => ({ labels, value })),
    ),
    gauge(
      'container_swap_usage_bytes',
      '[ALPHA] Current amount of the container swap usage in bytes. Reported only on non-windows systems',
      containers(() => 0),
    ),
    counter('node_cpu_usage_seconds_total', '[STABLE] Cumulative cpu time consumed by the node in core-seconds', [
      { value: node.cpuMsAt(nowMs) / 1000, atMs: nowMs },
    ]),
    gauge('node_memory_working_set_bytes', '[STABLE] Current working set of the node in bytes', [
      { value: node.memoryBytes, atMs: nowMs },
    ]),
    gauge(
      'node_swap_usage_bytes',
      '[ALPHA] Current swap usage of the node in bytes. Reported only on non-windows systems',
      [{ value: 0, atMs: nowMs }],
    ),
    counter(
      'pod_cpu_usage_seconds_total',
      '[STABLE] Cumulative cpu time consumed by the pod in core-seconds',
      pods(cpu),
    ),
    gauge('pod_memory_working_set_bytes', '[STABLE] Current working set of the pod in bytes', pods(memory)),
    gauge(
      'pod_swap_usage_bytes',
      '[ALPHA] Current amount of the pod swap usage in bytes. Reported only on non-windows systems',
      pods(() => 0),
    ),
    gauge('resource_scrape_error', '[STABLE] 1 if there was an error while getting container metrics, 0 otherwise', [
      { value: 0 },
    ]),
  ]);
}

function sumOf({ containers }: PodReading, value: (container: ContainerReading) => number): number {
  return containers.reduce((sum, one) => sum + value(one), 0);
}
