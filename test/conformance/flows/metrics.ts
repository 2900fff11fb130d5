/** What Pods are said to use: a definition that stands in for a metrics server, and objects of it that flows write. */
import type { AnyObject } from '#common/kube/object';
import { CustomResourceDefinitions, PodMetricses } from '#common/kube/resources';
import type { PodMetrics } from '#common/kube/types';
import type { Draft, KubeClient } from '#main/client/client';

/** By the names of containers, then of resources. */
export type Usage = Readonly<Record<string, Readonly<Record<string, string>>>>;

const anything = { 'x-kubernetes-preserve-unknown-fields': true, type: 'object' };

/** Autoscalers list `pods.metrics.k8s.io` and do not ask who serves it. */
export async function serveMetrics(client: KubeClient): Promise<void> {
  const { group, version, plural, kind } = PodMetricses;
  await client.create(CustomResourceDefinitions, {
    metadata: {
      name: `${plural}.${group}`,
      annotations: { 'api-approved.kubernetes.io': 'unapproved, stands in for a metrics server' },
    },
    spec: {
      group,
      scope: 'Namespaced',
      names: { plural, kind, singular: 'podmetrics', listKind: 'PodMetricsList' },
      versions: [{ name: version, served: true, storage: true, schema: { openAPIV3Schema: anything } }],
    },
  });
}

/** Measured after anything that flows wait for, so that no Pod was unready meanwhile. */
const LATER = '2100-01-01T00:00:00Z';

/** Says what each of `pods` uses; of all others of the namespace nothing is known any more. */
export async function measure(
  client: KubeClient,
  namespace: string,
  { pods, usage }: { pods: readonly AnyObject[]; usage: Usage },
): Promise<void> {
  const { items } = await client.list(PodMetricses, { namespace });
  const known = new Map(items.map((item) => [item.metadata.name, item]));
  for (const pod of pods) {
    const draft = metricsOf(pod, usage);
    const before = known.get(pod.metadata.name);
    if (before) await client.update(PodMetricses, { ...before, containers: draft.containers });
    else await client.create(PodMetricses, draft);
    known.delete(pod.metadata.name);
  }
  for (const name of known.keys()) await client.remove(PodMetricses, { name, namespace });
}

function metricsOf({ metadata }: AnyObject, usage: Usage): Draft<PodMetrics> {
  const { name, namespace, labels = {} } = metadata;
  return {
    metadata: { name, labels, ...(namespace ? { namespace } : {}) },
    timestamp: LATER,
    window: '15s',
    containers: Object.entries(usage).map(([container, used]) => ({ name: container, usage: { ...used } })),
  };
}
