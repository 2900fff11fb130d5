import type { Clock } from '#common/base/clock';
import type { NodeMetrics, Node, Pod, PodMetrics } from '#common/kube/types';
import { nodeMetricsOf, podMetricsOf } from './resource-metrics-api';
import { readContainer, type ExtraLoad, type NodeReading, type PodReading, type RunningContainer } from './reading';

export interface UsageReaderOptions {
  clock: Clock;
  /** The nodes whose kubelets answer, with the time at which they started. */
  nodes: () => Iterable<{ node: Node; startedAtMs: number }>;
  /** The Pods of a node with their running containers. */
  podsOn: (nodeName: string) => Iterable<{ pod: Pod; containers: readonly Omit<RunningContainer, 'pod' | 'extra'>[] }>;
  /** Use that somebody asked for. */
  extraLoad?: ((pod: Pod, container: string) => ExtraLoad | undefined) | undefined;
}

/** Measures nodes and Pods when somebody asks, and not before. */
export class UsageReader {
  readonly #options: UsageReaderOptions;

  constructor(options: UsageReaderOptions) {
    this.#options = options;
  }

  /** NodeMetrics of every node that has been measured. */
  async nodes(): Promise<NodeMetrics[]> {
    const nowMs = this.#options.clock.now();
    const readings = await Promise.all([...this.#options.nodes()].map((node) => this.#read(node, nowMs)));
    return readings.flatMap((reading) => nodeMetricsOf(reading, nowMs) ?? []);
  }

  /** PodMetrics of a namespace, or of all. */
  async pods(namespace: string | undefined): Promise<PodMetrics[]> {
    const nowMs = this.#options.clock.now();
    const found: PodMetrics[] = [];
    for (const { node } of this.#options.nodes()) {
      for (const running of this.#options.podsOn(node.metadata.name)) {
        if (namespace !== undefined && running.pod.metadata.namespace !== namespace) continue;
        const metrics = podMetricsOf(await this.#readPod(running, nowMs), nowMs);
        if (metrics) found.push(metrics);
      }
    }
    return found;
  }

  /** Everything on one node, as of now; nothing when its kubelet does not answer. */
  async read(nodeName: string): Promise<NodeReading | undefined> {
    for (const known of this.#options.nodes()) {
      if (known.node.metadata.name === nodeName) return this.#read(known, this.#options.clock.now());
    }
    return undefined;
  }

  async #read({ node, startedAtMs }: { node: Node; startedAtMs: number }, nowMs: number): Promise<NodeReading> {
    const running = [...this.#options.podsOn(node.metadata.name)];
    return { node, startedAtMs, pods: await Promise.all(running.map((one) => this.#readPod(one, nowMs))) };
  }

  async #readPod(
    { pod, containers }: { pod: Pod; containers: readonly Omit<RunningContainer, 'pod' | 'extra'>[] },
    nowMs: number,
  ): Promise<PodReading> {
    const readings = containers.map((one) => {
      const extra = this.#options.extraLoad?.(pod, one.name);
      return readContainer({ ...one, pod, extra }, nowMs);
    });
    return { pod, containers: await Promise.all(readings) };
  }
}
