/** NodeMetrics and PodMetrics of metrics.k8s.io from what the kubelets read, as metrics-server makes them. Pure. */
import { formatTime } from '#common/base/clock';
import type { ObjectMeta } from '#common/kube/object';
import type { NodeMetrics, PodMetrics } from '#common/kube/types';
import { bytesText, coresText } from './quantity-text';
import { nodeUse, type Amounts, type NodeReading, type PodReading } from './reading';

/** metrics-server's `--metric-resolution`. */
const RESOLUTION_MS = 15_000;
/** A container is measured when it has run this long. */
const YOUNGEST_MS = 10_000;

/** The last moment at which everything was measured. */
export function measuredAt(nowMs: number): number {
  return Math.floor(nowMs / RESOLUTION_MS) * RESOLUTION_MS;
}

/** Nothing for a node that has not been measured twice yet. */
export function nodeMetricsOf(reading: NodeReading, nowMs: number): NodeMetrics | undefined {
  const span = spanOf([reading.startedAtMs], nowMs);
  if (!span) return undefined;
  return {
    kind: 'NodeMetrics',
    apiVersion: 'metrics.k8s.io/v1beta1',
    metadata: metadataOf(reading.node.metadata, nowMs),
    ...timesOf(span),
    usage: usageOf(nodeUse(reading, nowMs), span),
  };
}

/** Nothing for a Pod of which not every container has been measured. */
export function podMetricsOf({ pod, containers }: PodReading, nowMs: number): PodMetrics | undefined {
  const span = spanOf(
    containers.map(({ startedAtMs }) => startedAtMs),
    nowMs,
  );
  if (!span) return undefined;
  return {
    kind: 'PodMetrics',
    apiVersion: 'metrics.k8s.io/v1beta1',
    metadata: metadataOf(pod.metadata, nowMs),
    ...timesOf(span),
    containers: containers.map((one) => ({ name: one.name, usage: usageOf(one, span) })),
  };
}

interface Span {
  fromMs: number;
  toMs: number;
}

/** The time that a measurement is about; the youngest container decides. */
function spanOf(starts: readonly number[], nowMs: number): Span | undefined {
  const toMs = measuredAt(nowMs);
  const youngest = Math.max(...starts);
  if (starts.length === 0 || toMs - youngest < YOUNGEST_MS) return undefined;
  return { fromMs: Math.max(toMs - RESOLUTION_MS, youngest), toMs };
}

function metadataOf({ name, namespace, labels }: ObjectMeta, nowMs: number): ObjectMeta {
  const scoped = namespace === undefined ? { name } : { name, namespace };
  const created = { ...scoped, creationTimestamp: formatTime(nowMs) };
  return (labels ? { ...created, labels } : created) as ObjectMeta;
}

function timesOf({ fromMs, toMs }: Span): { timestamp: string; window: string } {
  return { timestamp: formatTime(toMs), window: `${(toMs - fromMs) / 1000}s` };
}

function usageOf({ cpuMsAt, memoryBytes }: Amounts, { fromMs, toMs }: Span): Record<string, string> {
  const cores = (cpuMsAt(toMs) - cpuMsAt(fromMs)) / (toMs - fromMs);
  return { cpu: coresText(Math.max(0, Math.round(cores * 1e9))), memory: bytesText(memoryBytes) };
}
