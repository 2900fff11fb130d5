import type { NodeMetrics, PodMetrics } from '#common/kube/types';

/** Where `metrics.k8s.io` gets its numbers: what has been measured, as of now. */
export interface MetricsSource {
  nodes(): Promise<NodeMetrics[]>;
  pods(namespace: string | undefined): Promise<PodMetrics[]>;
}
