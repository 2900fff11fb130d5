/** `/metrics/cadvisor` of a kubelet: the control groups of its Pods and containers, with cAdvisor's names and labels. Pure. */
import { quantityNumber } from '#common/kube/quantity';
import type { Container, Pod } from '#common/kube/types';
import {
  counter,
  gauge,
  prometheusText,
  type Labels,
  type MetricFamily,
  type Sample,
} from '#main/base/prometheus-text';
import { containerLabels, podLabels } from './cgroups';
import { nodeUse, type ContainerReading, type NodeReading } from './reading';

export function cadvisorMetricsText(reading: NodeReading, nowMs: number): string {
  const rows = rowsOf(reading, nowMs);
  return prometheusText([
    gauge('cadvisor_version_info', VERSION_HELP, [{ labels: versionLabels(reading), value: 1 }]),
    ...useFamilies(rows, nowMs),
    ...networkFamilies(reading, nowMs),
    ...specFamilies(reading),
    ...machineFamilies(reading, nowMs),
    gauge('container_scrape_error', '1 if there was an error while getting container metrics, 0 otherwise', [
      { value: 0 },
    ]),
  ]);
}

/** One control group: the whole node, a Pod or a container. */
interface Row {
  labels: Labels;
  cpuSeconds: number;
  memoryBytes: number;
  fileBytes: number;
  startedAtMs: number;
  isContainer: boolean;
}

function rowsOf(reading: NodeReading, nowMs: number): Row[] {
  const whole = nodeUse(reading, nowMs);
  const root = { container: '', id: '/', image: '', name: '', namespace: '', pod: '' };
  const node: Row = {
    labels: root,
    cpuSeconds: whole.cpuMsAt(nowMs) / 1000,
    memoryBytes: whole.memoryBytes,
    fileBytes: 0,
    startedAtMs: reading.startedAtMs,
    isContainer: false,
  };
  return [node, ...reading.pods.flatMap(({ pod, containers }) => podRows(pod, containers, nowMs))];
}

function podRows(pod: Pod, containers: readonly ContainerReading[], nowMs: number): Row[] {
  const rows = containers.map((one) => ({
    labels: containerLabels(pod, one.name),
    cpuSeconds: one.cpuMsAt(nowMs) / 1000,
    memoryBytes: one.memoryBytes,
    fileBytes: one.fileBytes,
    startedAtMs: one.startedAtMs,
    isContainer: true,
  }));
  const sum = (value: (row: Row) => number) => rows.reduce((total, row) => total + value(row), 0);
  const whole: Row = {
    labels: podLabels(pod),
    cpuSeconds: sum(({ cpuSeconds }) => cpuSeconds),
    memoryBytes: sum(({ memoryBytes }) => memoryBytes),
    fileBytes: 0,
    startedAtMs: Math.min(...rows.map(({ startedAtMs }) => startedAtMs)),
    isContainer: false,
  };
  return [whole, ...rows];
}

/** A process spends about so much of its time in the kernel. */
const SYSTEM_SHARE = 0.3;
/** Of a working set, what is no page cache. */
const RESIDENT_SHARE = 0.85;

function useFamilies(rows: readonly Row[], nowMs: number): MetricFamily[] {
  const samples = (value: (row: Row) => number, more?: Labels, only?: (row: Row) => boolean): Sample[] =>
    (only ? rows.filter(only) : rows).map((row) => ({
      labels: more ? { ...row.labels, ...more } : row.labels,
      value: value(row),
      atMs: nowMs,
    }));
  const containers = ({ isContainer }: Row) => isContainer;
  return [
    counter(
      'container_cpu_system_seconds_total',
      'Cumulative system cpu time consumed in seconds.',
      samples(({ cpuSeconds }) => cpuSeconds * SYSTEM_SHARE),
    ),
    counter(
      'container_cpu_usage_seconds_total',
      'Cumulative cpu time consumed in seconds.',
      samples(({ cpuSeconds }) => cpuSeconds, { cpu: 'total' }),
    ),
    counter(
      'container_cpu_user_seconds_total',
      'Cumulative user cpu time consumed in seconds.',
      samples(({ cpuSeconds }) => cpuSeconds * (1 - SYSTEM_SHARE)),
    ),
    gauge(
      'container_fs_usage_bytes',
      'Number of bytes that are consumed by the container on this filesystem.',
      samples(({ fileBytes }) => fileBytes, { device: '/dev/sda1' }, containers),
    ),
    gauge(
      'container_last_seen',
      'Last time a container was seen by the exporter',
      samples(() => Math.floor(nowMs / 1000)),
    ),
    gauge(
      'container_memory_cache',
      'Number of bytes of page cache memory.',
      samples(({ fileBytes }) => fileBytes),
    ),
    counter(
      'container_memory_failcnt',
      'Number of memory usage hits limits',
      samples(() => 0),
    ),
    gauge(
      'container_memory_rss',
      'Size of RSS in bytes.',
      samples(({ memoryBytes }) => Math.floor(memoryBytes * RESIDENT_SHARE)),
    ),
    gauge(
      'container_memory_swap',
      'Container swap usage in bytes.',
      samples(() => 0),
    ),
    gauge(
      'container_memory_usage_bytes',
      'Current memory usage in bytes, including all memory regardless of when it was accessed',
      samples(({ memoryBytes, fileBytes }) => memoryBytes + fileBytes),
    ),
    gauge(
      'container_memory_working_set_bytes',
      'Current working set in bytes.',
      samples(({ memoryBytes }) => memoryBytes),
    ),
    counter(
      'container_oom_events_total',
      'Count of out of memory events observed for the container',
      samples(() => 0),
    ),
    gauge(
      'container_start_time_seconds',
      'Start time of the container since unix epoch in seconds.',
      samples(({ startedAtMs }) => startedAtMs / 1000),
    ),
  ];
}

/** Bytes of the usual segment, to count packets. */
const SEGMENT_BYTES = 1460;

function networkFamilies({ pods }: NodeReading, nowMs: number): MetricFamily[] {
  const samples = (value: (one: ContainerReading) => number, scale = 1): Sample[] =>
    pods
      .filter(({ pod }) => !pod.spec.hostNetwork)
      .map(({ pod, containers }) => {
        const sum = containers.reduce((total, one) => total + value(one), 0);
        const labels = { ...podLabels(pod), interface: 'eth0' };
        return { labels, value: Math.ceil(sum / scale), atMs: nowMs };
      });
  const received = ({ receivedBytes }: ContainerReading) => receivedBytes;
  const sent = ({ sentBytes }: ContainerReading) => sentBytes;
  const none = () => 0;
  const of = (name: string, help: string, values: Sample[]) => counter(`container_network_${name}_total`, help, values);
  return [
    of('receive_bytes', 'Cumulative count of bytes received', samples(received)),
    of('receive_errors', 'Cumulative count of errors encountered while receiving', samples(none)),
    of('receive_packets_dropped', 'Cumulative count of packets dropped while receiving', samples(none)),
    of('receive_packets', 'Cumulative count of packets received', samples(received, SEGMENT_BYTES)),
    of('transmit_bytes', 'Cumulative count of bytes transmitted', samples(sent)),
    of('transmit_errors', 'Cumulative count of errors encountered while transmitting', samples(none)),
    of('transmit_packets_dropped', 'Cumulative count of packets dropped while transmitting', samples(none)),
    of('transmit_packets', 'Cumulative count of packets transmitted', samples(sent, SEGMENT_BYTES)),
  ];
}

/** CPU bandwidth is given out for periods of this length. */
const PERIOD_US = 100_000;

function specFamilies({ pods }: NodeReading): MetricFamily[] {
  const specs = pods.flatMap(({ pod, containers }) =>
    containers.map(({ name }) => ({ labels: containerLabels(pod, name), spec: specOf(pod, name) })),
  );
  const samples = (value: (spec: Container | undefined) => number | undefined): Sample[] =>
    specs.flatMap(({ labels, spec }) => {
      const amount = value(spec);
      return amount === undefined ? [] : [{ labels, value: amount }];
    });
  const limit = (spec: Container | undefined, resource: string) => {
    const amount = quantityNumber(spec?.resources?.limits?.[resource]);
    return Number.isNaN(amount) ? undefined : amount;
  };
  return [
    gauge(
      'container_spec_cpu_period',
      'CPU period of the container.',
      samples(() => PERIOD_US),
    ),
    gauge(
      'container_spec_cpu_quota',
      'CPU quota of the container.',
      samples((spec) => {
        const cores = limit(spec, 'cpu');
        return cores === undefined ? undefined : Math.round(cores * PERIOD_US);
      }),
    ),
    gauge(
      'container_spec_cpu_shares',
      'CPU share of the container.',
      samples((spec) => Math.max(2, Math.floor((quantityNumber(spec?.resources?.requests?.['cpu']) || 0) * 1024))),
    ),
    gauge(
      'container_spec_memory_limit_bytes',
      'Memory limit for the container.',
      samples((spec) => limit(spec, 'memory') ?? 0),
    ),
  ];
}

function specOf({ spec }: Pod, name: string): Container | undefined {
  return [...spec.containers, ...(spec.initContainers ?? [])].find((one) => one.name === name);
}

const VERSION_HELP =
  "A metric with a constant '1' value labeled by kernel version, OS version, docker version, cadvisor version & cadvisor revision.";

function versionLabels({ node }: NodeReading): Labels {
  const { kernelVersion = '', osImage = '' } = node.status?.nodeInfo ?? {};
  return { cadvisorRevision: '', cadvisorVersion: '', dockerVersion: '', kernelVersion, osVersion: osImage };
}

function machineFamilies({ node }: NodeReading, nowMs: number): MetricFamily[] {
  const { capacity = {}, nodeInfo } = node.status ?? {};
  const labels = {
    boot_id: nodeInfo?.bootID ?? '',
    machine_id: nodeInfo?.machineID ?? '',
    system_uuid: nodeInfo?.systemUUID ?? '',
  };
  const of = (value: number): Sample[] => [{ labels, value, atMs: nowMs }];
  return [
    gauge('machine_cpu_cores', 'Number of logical CPU cores.', of(quantityNumber(capacity['cpu']))),
    gauge('machine_memory_bytes', 'Amount of memory installed on the machine.', of(quantityNumber(capacity['memory']))),
  ];
}
