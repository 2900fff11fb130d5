import { quantityNumber } from '#common/kube/quantity';
import type { Node, Pod } from '#common/kube/types';
import type { Container } from '../../containers/container';
import { idleCpuMs, idleMemoryBytes, phaseOf } from './idle-use';

/** What one container uses, read as of one moment. */
export interface ContainerReading {
  name: string;
  startedAtMs: number;
  /** Processor time since the start, as of a moment of the last minute; milliseconds of a core. */
  cpuMsAt(atMs: number): number;
  memoryBytes: number;
  /** Bytes of the files that it has written beside its volumes. */
  fileBytes: number;
  receivedBytes: number;
  sentBytes: number;
  /** How often each probe ended how: `Liveness successful`. */
  probes: ReadonlyMap<string, number>;
  /** Bytes of its log as the node keeps it. */
  logBytes(): number;
}

export interface PodReading {
  pod: Pod;
  containers: ContainerReading[];
}

/** A node with everything that runs on it. */
export interface NodeReading {
  node: Node;
  startedAtMs: number;
  pods: PodReading[];
}

/** Idle use of an image nobody knows. */
const UNKNOWN = { cpuMilli: 1, memoryMi: 6 };
/** What a connection or a request leaves behind in memory for a while, per core that is busy. */
const BUSY_MEMORY_MI = 24;
const LOAD_WINDOW_MS = 15_000;
/** So much of what was written last the kernel keeps at hand. */
const CACHED_BYTES = 64 * 2 ** 20;
const PAGE_BYTES = 4096;

/** Time and stream in front of each line of a log file (CRI). */
const LINE_HEAD = 40;

/** Use that somebody asked for with a Load; none by default. */
export interface ExtraLoad {
  cpuMsAt(atMs: number): number;
  memoryBytes: number;
}

export interface RunningContainer {
  pod: Pod;
  name: string;
  container: Container;
  startedAtMs: number;
  memoryLimit: string | undefined;
  probeResults: ReadonlyMap<string, number>;
  extra?: ExtraLoad | undefined;
}

/** Reads a running container: its programs' base, what its scripts and requests cost, its files. */
export async function readContainer(running: RunningContainer, nowMs: number): Promise<ContainerReading> {
  const { pod, name, container, startedAtMs, extra } = running;
  const { cpuMilli, memoryMi } = container.spec.profile.usage ?? UNKNOWN;
  const phase = phaseOf(`${pod.metadata.uid}/${name}`);
  const cpuMsAt = (atMs: number) =>
    container.cpuMsAt(atMs) +
    (extra?.cpuMsAt(atMs) ?? 0) +
    idleCpuMs(cpuMilli, phase, { fromMs: startedAtMs, toMs: atMs });
  const fileBytes = await container.layerBytes();
  const busyCores = (container.cpuMs - container.cpuMsAt(nowMs - LOAD_WINDOW_MS)) / LOAD_WINDOW_MS;
  const wanted =
    idleMemoryBytes(memoryMi + BUSY_MEMORY_MI * busyCores, phase, nowMs) +
    container.memory.held +
    Math.min(fileBytes, CACHED_BYTES) +
    (extra?.memoryBytes ?? 0);
  return {
    name,
    startedAtMs,
    cpuMsAt,
    memoryBytes: Math.floor(Math.min(wanted, limitOf(running.memoryLimit)) / PAGE_BYTES) * PAGE_BYTES,
    fileBytes,
    receivedBytes: container.traffic.received,
    sentBytes: container.traffic.sent,
    probes: running.probeResults,
    logBytes: () => container.log.lines.reduce((sum, { text }) => sum + text.length + LINE_HEAD, 0),
  };
}

function limitOf(limit: string | undefined): number {
  const bytes = quantityNumber(limit);
  return Number.isNaN(bytes) ? Infinity : bytes;
}

/** What the kubelet, the container runtime and the kernel of a node use besides its Pods. */
const SYSTEM = { cpuMilli: 85, memoryMi: 640 };
/** Each Pod costs its kubelet something. */
const PER_POD = { cpuMilli: 0.6, memoryMi: 4 };

export interface Amounts {
  cpuMsAt(atMs: number): number;
  memoryBytes: number;
}

/** The daemons of a node together. */
export function systemUse({ node, startedAtMs, pods }: NodeReading, nowMs: number): Amounts {
  const phase = phaseOf(node.metadata.uid);
  const cpuMilli = SYSTEM.cpuMilli + PER_POD.cpuMilli * pods.length;
  return {
    cpuMsAt: (atMs) => idleCpuMs(cpuMilli, phase, { fromMs: startedAtMs, toMs: atMs }),
    memoryBytes: idleMemoryBytes(SYSTEM.memoryMi + PER_POD.memoryMi * pods.length, phase, nowMs),
  };
}

/** A whole node: its daemons and all of its containers. */
export function nodeUse(reading: NodeReading, nowMs: number): Amounts {
  const all: Amounts[] = [systemUse(reading, nowMs), ...reading.pods.flatMap(({ containers }) => containers)];
  return {
    cpuMsAt: (atMs) => all.reduce((sum, one) => sum + one.cpuMsAt(atMs), 0),
    memoryBytes: all.reduce((sum, { memoryBytes }) => sum + memoryBytes, 0),
  };
}
