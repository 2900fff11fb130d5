import type { AnyObject } from '#common/kube/object';

/** Where `metrics.k8s.io` gets its numbers: NodeMetrics and PodMetrics, labels included, as of now. */
export interface MetricsSource {
  nodes(): AnyObject[];
  pods(namespace: string | undefined): AnyObject[];
}
