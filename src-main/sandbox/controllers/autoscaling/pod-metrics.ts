/** What metrics.k8s.io tells of the Pods of a target. */
import { PodMetricses } from '#common/kube/resources';
import { ApiStatusError } from '#common/kube/status-error';
import { messageOf } from '#common/base/errors';
import type { PodMetrics } from '#common/kube/types';
import type { KubeClient } from '#main/client/client';
import { milliOf } from './pod-requests';
import { NoProposalError, type PodValue, type PodValues } from './replica-math';

export interface MetricQuestion {
  namespace: string;
  selector: string;
  resource: string;
  /** Empty for all containers together. */
  container: string;
}

/** Throws NoProposalError with the words of the metrics client when there is nothing to go by. */
export async function podValues(client: KubeClient, question: MetricQuestion, signal: AbortSignal): Promise<PodValues> {
  const { namespace, selector, resource, container } = question;
  const unable = (why: string) => new NoProposalError(`unable to get metrics for resource ${resource}: ${why}`);
  let items: PodMetrics[];
  try {
    ({ items } = await client.list(PodMetricses, { namespace, labelSelector: selector, signal }));
  } catch (failure) {
    throw unable(`unable to fetch metrics from resource metrics API: ${refusalOf(failure)}`);
  }
  if (items.length === 0) throw unable('no metrics returned from resource metrics API');
  return valuesOf(items, resource, container);
}

/** client-go adds what was asked for to refusals that are the server's, not the resource's. */
function refusalOf(failure: unknown): string {
  const text = messageOf(failure);
  const code = failure instanceof ApiStatusError ? failure.status.code : undefined;
  return code === 404 || code === 503 ? `${text} (get pods.metrics.k8s.io)` : text;
}

function valuesOf(items: readonly PodMetrics[], resource: string, container: string): PodValues {
  const values = new Map<string, PodValue>();
  for (const { metadata, containers, timestamp, window } of items) {
    const counted = container ? containers.filter(({ name }) => name === container) : containers;
    const used = counted.map(({ usage }) => usage[resource]);
    if (used.length === 0 || used.includes(undefined)) continue;
    const value = used.reduce((sum, quantity) => sum + milliOf(quantity ?? '0'), 0);
    values.set(metadata.name, { value, atMs: Date.parse(timestamp), windowMs: Number.parseFloat(window) * 1000 });
  }
  return values;
}
