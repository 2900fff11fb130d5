/** Makes the objects of a case on a server, as controllers and kubelets would have left them. */
import type { KubeObject } from '#common/kube/object';
import type { TypedResource } from '#common/kube/resource';
import {
  CSINodes,
  Namespaces,
  Nodes,
  PersistentVolumeClaims,
  PersistentVolumes,
  PodDisruptionBudgets,
  Pods,
  PriorityClasses,
  ReplicaSets,
  ServiceAccounts,
  Services,
  StorageClasses,
} from '#common/kube/resources';
import { isAlreadyExists } from '#common/kube/status-error';
import type { Pod } from '#common/kube/types';
import type { Draft, KubeClient } from '#main/client/client';
import type { SchedulingCase } from './cases';
import { NAMESPACES, PRIORITIES } from './pods';

/** Cases are set up as of this moment. */
export const NOW_MS = Date.UTC(2026, 0, 1);

/** What all cases share. */
export async function furnishOnce(client: KubeClient): Promise<void> {
  const create = async <T extends KubeObject>(resource: TypedResource<T>, draft: Draft<T>) => {
    await client.create(resource, draft).catch((failure) => {
      if (!isAlreadyExists(failure)) throw failure;
    });
  };
  const labels: Record<string, Record<string, string>> = { 'team-a': { tier: 'gold' }, 'team-b': {} };
  for (const name of NAMESPACES) {
    await create(Namespaces, { metadata: { name, labels: labels[name] ?? {} }, spec: {} });
    await create(ServiceAccounts, { metadata: { name: 'default', namespace: name } });
  }
  for (const [name, value] of Object.entries(PRIORITIES)) await create(PriorityClasses, { metadata: { name }, value });
  await create(PriorityClasses, { metadata: { name: 'never' }, value: 1000, preemptionPolicy: 'Never' });
}

export async function furnish(client: KubeClient, one: SchedulingCase): Promise<void> {
  for (const draft of one.classes) await client.create(StorageClasses, draft);
  await all(one.nodes, async ({ node, status }) => {
    const made = await client.create(Nodes, { metadata: node.metadata, spec: {} });
    // A new node is tainted until it is Ready.
    const spec = { ...node.spec };
    await client.update(Nodes, { ...made, spec });
    await client.patch(Nodes, made.metadata, { type: 'merge', patch: { status } }, { subresource: 'status' });
  });
  await all(one.services, (draft) => client.create(Services, draft));
  const [owner] = await all(one.replicaSets, (draft) => client.create(ReplicaSets, draft));
  for (const { metadata } of one.pending)
    for (const reference of metadata.ownerReferences ?? []) reference.uid = owner?.metadata.uid ?? '';
  await all(one.budgets, async ({ budget, disruptionsAllowed }) => {
    const { metadata } = await client.create(PodDisruptionBudgets, budget);
    const status = { disruptionsAllowed, currentHealthy: 1, desiredHealthy: 1, expectedPods: 1, observedGeneration: 1 };
    await client.patch(PodDisruptionBudgets, metadata, { type: 'merge', patch: { status } }, { subresource: 'status' });
  });
  await all(one.volumes, async (draft) => {
    const { metadata } = await client.create(PersistentVolumes, draft);
    const patch = { status: { phase: draft.spec.claimRef ? 'Bound' : 'Available' } };
    await client.patch(PersistentVolumes, metadata, { type: 'merge', patch }, { subresource: 'status' });
  });
  await all(one.csiNodes, (draft) => client.create(CSINodes, draft));
  await all(one.claims, async (draft) => {
    const { metadata } = await client.create(PersistentVolumeClaims, draft);
    const patch = { status: { phase: draft.spec.volumeName ? 'Bound' : 'Pending' } };
    await client.patch(PersistentVolumeClaims, metadata, { type: 'merge', patch }, { subresource: 'status' });
  });
  await all(one.placed, (placed) => place(client, placed));
}

async function place(
  client: KubeClient,
  { pod, startedMinutesAgo, isLeaving }: SchedulingCase['placed'][0],
): Promise<Pod> {
  const { metadata } = await client.create(Pods, pod);
  const startTime = new Date(NOW_MS - startedMinutesAgo * 60_000).toISOString().replace('.000Z', 'Z');
  const patch = { status: { phase: 'Running', startTime } };
  const running = await client.patch(Pods, metadata, { type: 'merge', patch }, { subresource: 'status' });
  if (isLeaving) await client.remove(Pods, metadata);
  return running;
}

/** Some at a time. */
export async function all<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let from = 0; from < items.length; from += 12)
    results.push(...(await Promise.all(items.slice(from, from + 12).map(work))));
  return results;
}
