/** `/stats/summary` of a kubelet (stats/v1alpha1 Summary). Pure. */
import { formatTime } from '#common/base/clock';
import { quantityNumber } from '#common/kube/quantity';
import type { Pod } from '#common/kube/types';
import { nodeUse, systemUse, type Amounts, type ContainerReading, type NodeReading, type PodReading } from './reading';

/** What a rate is taken over. */
const RATE_MS = 10_000;
const INODES = 6_553_600;
/** Of a working set, what is no page cache. */
const RESIDENT_SHARE = 0.85;

export function statsSummary(reading: NodeReading, nowMs: number): object {
  const { node, startedAtMs, pods } = reading;
  const time = formatTime(nowMs);
  const whole = nodeUse(reading, nowMs);
  const capacity = quantityNumber(node.status?.capacity?.['memory']);
  const disk = diskOf(reading);
  return {
    node: {
      nodeName: node.metadata.name,
      systemContainers: systemContainers(reading, nowMs),
      startTime: formatTime(startedAtMs),
      cpu: cpuStats(whole, nowMs),
      memory: { ...memoryStats(whole.memoryBytes, nowMs), availableBytes: Math.max(0, capacity - whole.memoryBytes) },
      network: networkStats(
        pods.flatMap(({ containers }) => containers),
        time,
      ),
      fs: { time, ...disk },
      runtime: { imageFs: { time, ...disk }, containerFs: { time, ...disk } },
      rlimit: { time, maxpid: 127_534, curproc: 180 + 4 * pods.length },
      swap: { time, swapAvailableBytes: 0, swapUsageBytes: 0 },
    },
    pods: pods.map((one) => podStats(one, disk, nowMs)),
  };
}

function systemContainers(reading: NodeReading, nowMs: number): object[] {
  const daemons = systemUse(reading, nowMs);
  const pods = reading.pods.flatMap(({ containers }) => containers);
  const kubepods: Amounts = {
    cpuMsAt: (atMs) => pods.reduce((sum, one) => sum + one.cpuMsAt(atMs), 0),
    memoryBytes: pods.reduce((sum, { memoryBytes }) => sum + memoryBytes, 0),
  };
  const kubelet: Amounts = { cpuMsAt: (atMs) => daemons.cpuMsAt(atMs) * 0.4, memoryBytes: daemons.memoryBytes / 8 };
  const runtime: Amounts = { cpuMsAt: (atMs) => daemons.cpuMsAt(atMs) * 0.2, memoryBytes: daemons.memoryBytes / 6 };
  const named = { pods: kubepods, kubelet, runtime };
  return Object.entries(named).map(([name, amounts]) => ({
    name,
    startTime: formatTime(reading.startedAtMs),
    cpu: cpuStats(amounts, nowMs),
    memory: memoryStats(Math.round(amounts.memoryBytes), nowMs),
  }));
}

interface Disk {
  availableBytes: number;
  capacityBytes: number;
  usedBytes: number;
  inodesFree: number;
  inodes: number;
  inodesUsed: number;
}

function diskOf({ node, pods }: NodeReading): Disk {
  const capacityBytes = quantityNumber(node.status?.capacity?.['ephemeral-storage']);
  const images = (node.status?.images ?? []).reduce((sum, { sizeBytes = 0 }) => sum + sizeBytes, 0);
  const files = pods
    .flatMap(({ containers }) => containers)
    .reduce((sum, one) => sum + one.fileBytes + one.logBytes(), 0);
  const usedBytes = 4 * 2 ** 30 + images + files;
  const inodesUsed = 120_000 + 400 * pods.length;
  const availableBytes = capacityBytes - usedBytes;
  return { availableBytes, capacityBytes, usedBytes, inodesFree: INODES - inodesUsed, inodes: INODES, inodesUsed };
}

function podStats({ pod, containers }: PodReading, disk: Disk, nowMs: number): object {
  const time = formatTime(nowMs);
  const { name, namespace, uid } = pod.metadata;
  const memoryBytes = containers.reduce((sum, one) => sum + one.memoryBytes, 0);
  const cpuMsAt = (atMs: number) => containers.reduce((sum, one) => sum + one.cpuMsAt(atMs), 0);
  const used = containers.reduce((sum, one) => sum + one.fileBytes + one.logBytes(), 0);
  return {
    podRef: { name, namespace, uid },
    startTime: pod.status?.startTime ?? time,
    containers: containers.map((one) => containerStats(one, disk, nowMs)),
    cpu: cpuStats({ cpuMsAt, memoryBytes }, nowMs),
    memory: memoryStats(memoryBytes, nowMs),
    ...(pod.spec.hostNetwork ? {} : { network: networkStats(containers, time) }),
    volume: volumeStats(pod, disk, time),
    'ephemeral-storage': { ...shareOf(disk, used), time },
    process_stats: { process_count: containers.length },
    swap: { time, swapUsageBytes: 0 },
  };
}

function containerStats(one: ContainerReading, disk: Disk, nowMs: number): object {
  const time = formatTime(nowMs);
  return {
    name: one.name,
    startTime: formatTime(one.startedAtMs),
    cpu: cpuStats(one, nowMs),
    memory: memoryStats(one.memoryBytes, nowMs),
    rootfs: { time, ...shareOf(disk, one.fileBytes) },
    logs: { time, ...shareOf(disk, one.logBytes()) },
    swap: { time, swapUsageBytes: 0 },
  };
}

function shareOf(disk: Disk, usedBytes: number): Disk {
  return { ...disk, usedBytes, inodesUsed: 1 + Math.ceil(usedBytes / 4096) };
}

/** Volumes that have files of their own; those of the cluster's storage name their claim. */
function volumeStats({ spec, metadata }: Pod, disk: Disk, time: string): object[] {
  return (spec.volumes ?? []).map(({ name, persistentVolumeClaim }) => ({
    time,
    ...shareOf(disk, 4096),
    name,
    ...(persistentVolumeClaim
      ? { pvcRef: { name: persistentVolumeClaim.claimName, namespace: metadata.namespace } }
      : {}),
  }));
}

function cpuStats({ cpuMsAt }: Amounts, nowMs: number): object {
  const total = cpuMsAt(nowMs);
  const cores = (total - cpuMsAt(nowMs - RATE_MS)) / RATE_MS;
  return {
    time: formatTime(nowMs),
    usageNanoCores: Math.max(0, Math.round(cores * 1e9)),
    usageCoreNanoSeconds: Math.round(total * 1e6),
  };
}

function memoryStats(workingSetBytes: number, nowMs: number): object {
  return {
    time: formatTime(nowMs),
    usageBytes: workingSetBytes,
    workingSetBytes,
    rssBytes: Math.floor(workingSetBytes * RESIDENT_SHARE),
    pageFaults: Math.floor(workingSetBytes / 4096),
    majorPageFaults: 0,
  };
}

function networkStats(containers: readonly ContainerReading[], time: string): object {
  const rxBytes = containers.reduce((sum, { receivedBytes }) => sum + receivedBytes, 0);
  const txBytes = containers.reduce((sum, { sentBytes }) => sum + sentBytes, 0);
  const counts = { rxBytes, rxErrors: 0, txBytes, txErrors: 0 };
  return { time, name: 'eth0', ...counts, interfaces: [{ name: 'eth0', ...counts }] };
}
