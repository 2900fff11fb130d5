/** Asks the real scheduler what it makes of each case. */
import { setTimeout as delay } from 'node:timers/promises';
import { EventsV1Events, Pods } from '#common/kube/resources';
import { isNotFound } from '#common/kube/status-error';
import type { Pod } from '#common/kube/types';
import type { Draft, KubeClient } from '#main/client/client';
import type { SchedulingCase } from './cases';
import { furnish } from './furnish';
import type { Outcome } from './outcome';
import { NAMESPACES } from './pods';

/** Time for the scheduler to see what was written. */
const SEEN_MS = 150;
const POLL_MS = 10;
const OUTCOME_WAIT_MS = 20_000;

export async function record(client: KubeClient, one: SchedulingCase): Promise<Outcome[]> {
  await furnish(client, one);
  await delay(SEEN_MS);
  const outcomes: Outcome[] = [];
  for (const draft of one.pending) outcomes.push(await tryPod(client, draft));
  await clear(client);
  return outcomes;
}

async function tryPod(client: KubeClient, draft: Draft<Pod>): Promise<Outcome> {
  const { metadata } = await client.create(Pods, draft);
  const pod = await decided(client, metadata);
  const refusal = pod.status?.conditions?.find(({ type, status }) => type === 'PodScheduled' && status === 'False');
  const nominated = pod.status?.nominatedNodeName;
  if (!refusal) return { pod: metadata.name, node: pod.spec.nodeName ?? nominated ?? '' };
  const { reason = '', message = '' } = refusal;
  const outcome: Outcome = { pod: metadata.name, reason, message: (await firstNote(client, metadata)) ?? message };
  if (nominated) {
    await delay(SEEN_MS);
    // Whom it displaced may evict others meanwhile, elsewhere.
    return { ...outcome, nominated, victims: (await victims(client, pod, nominated)).sort() };
  }
  await client.remove(Pods, metadata, { gracePeriodSeconds: 0 });
  await delay(POLL_MS);
  return outcome;
}

async function decided(client: KubeClient, ref: { name: string; namespace?: string }): Promise<Pod> {
  for (const until = performance.now() + OUTCOME_WAIT_MS; performance.now() < until; await delay(POLL_MS)) {
    const pod = await client.get(Pods, ref);
    const isTold = pod.status?.conditions?.some(({ type }) => type === 'PodScheduled');
    if (pod.spec.nodeName || pod.status?.nominatedNodeName || isTold) return pod;
  }
  throw new Error(`the scheduler said nothing about ${ref.name}`);
}

/** A later attempt may have changed the condition already; the event stays. */
async function firstNote(client: KubeClient, { name, namespace }: { name: string; namespace?: string }) {
  for (let tries = 0; tries < 100; tries++) {
    const { items } = await client.list(EventsV1Events, { namespace });
    const told = items
      .filter(({ reason, regarding }) => reason === 'FailedScheduling' && regarding?.name === name)
      .sort((left, right) => Number(left.metadata.resourceVersion) - Number(right.metadata.resourceVersion));
    if (told[0]) return told[0].note;
    await delay(POLL_MS);
  }
  return undefined;
}

/** Who is told to leave the node for the Pod. */
async function victims(client: KubeClient, preemptor: Pod, nodeName: string): Promise<string[]> {
  const note = `Preempted by pod ${preemptor.metadata.uid} on node ${nodeName}`;
  const names: string[] = [];
  for (const namespace of NAMESPACES) {
    const { items } = await client.list(EventsV1Events, { namespace });
    names.push(...items.flatMap((event) => (event.note === note ? (event.regarding?.name ?? []) : [])));
  }
  return names;
}

/** Volumes and claims stay: those of other cases have nothing to do with them. */
async function clear(client: KubeClient): Promise<void> {
  const remove = (path: string, query = {}) => client.request({ method: 'DELETE', path, query }).catch(ignoreMissing);
  for (const namespace of NAMESPACES) {
    await remove(`/api/v1/namespaces/${namespace}/pods`, { gracePeriodSeconds: '0' });
    await remove(`/apis/apps/v1/namespaces/${namespace}/replicasets`);
    await remove(`/apis/policy/v1/namespaces/${namespace}/poddisruptionbudgets`);
    await remove(`/apis/events.k8s.io/v1/namespaces/${namespace}/events`);
    await remove(`/api/v1/namespaces/${namespace}/services`);
  }
  await remove('/apis/storage.k8s.io/v1/csinodes');
  await remove('/api/v1/nodes');
}

function ignoreMissing(failure: unknown): void {
  if (!isNotFound(failure)) throw failure;
}
