import type { Clock } from '#common/base/clock';
import type { ObjectRef } from '#common/contract/shapes';
import { selectorQuery, type LabelSelector } from '#common/kinds/selector';
import { messageOf } from '#common/base/errors';
import { controllerOf, type AnyObject, type KubeObject } from '#common/kube/object';
import type { TypedResource } from '#common/kube/resource';
import { EndpointSlices, Leases, LimitRanges, Pods, ReplicaSets, ResourceQuotas } from '#common/kube/resources';
import { isForbidden, isNotFound } from '#common/kube/status-error';
import type * as types from '#common/kube/types';
import type { KubeClient, ListOptions } from '#main/client/client';
import type { ClusterSession } from '#main/session/session';
import { DescribeWriter } from './describe-writer';
import { eventsOf } from './events';
import { describeGeneric } from './generic';
import { describeNode } from './node';
import { describePod } from './pod';
import { describeService } from './service';
import { describeConfigMap, describeNamespace, describeSecret } from './small-kinds';
import {
  describeCronJob,
  describeDaemonSet,
  describeDeployment,
  describeJob,
  describeReplicaSet,
  describeStatefulSet,
  type WorkloadFacts,
} from './workloads';

/** What a description of any kind is made with. */
interface Describing {
  client: KubeClient;
  writer: DescribeWriter;
  now: number;
  signal: AbortSignal;
}

type Describer = (object: AnyObject, describing: Describing) => Promise<void>;

/** The text `kubectl describe` prints for one object. */
export async function describeObject(
  session: ClusterSession,
  { resource, namespace, name }: ObjectRef,
  { clock, signal }: { clock: Clock; signal: AbortSignal },
): Promise<string> {
  const { client } = session;
  const object = await client.get<AnyObject>(resource, { namespace, name }, { signal });
  const describing: Describing = { client, writer: new DescribeWriter(), now: clock.now(), signal };
  const describer = describers[`${resource.group}/${resource.kind}`] ?? generic;
  await describer(object, describing);
  return describing.writer.toString();
}

const describers: Readonly<Record<string, Describer>> = {
  '/Pod': typed<types.Pod>(async (pod, { client, writer, now, signal }) => {
    const mirror = pod.metadata.annotations?.['kubernetes.io/config.mirror'];
    const events = await eventsOf(client, pod, signal, { anyKind: true, ...(mirror ? { uid: mirror } : {}) });
    describePod(writer, pod, events, now);
  }),
  '/Node': typed(node),
  '/Service': typed(service),
  '/Namespace': typed(namespace),
  '/Secret': typed<types.Secret>(async (secret, { writer }) => describeSecret(writer, secret)),
  '/ConfigMap': typed<types.ConfigMap>(async (map, { client, writer, now, signal }) =>
    describeConfigMap(writer, map, await eventsOf(client, map, signal), now),
  ),
  'apps/Deployment': typed<types.Deployment>(async (deployment, describing) => {
    const replicaSets = await replicaSetsOf(deployment, describing);
    describeDeployment(describing.writer, deployment, { ...(await facts(deployment, describing)), replicaSets });
  }),
  'apps/ReplicaSet': typed<types.ReplicaSet>(async (one, describing) =>
    describeReplicaSet(describing.writer, one, await facts(one, describing, one.spec.selector)),
  ),
  'apps/StatefulSet': typed<types.StatefulSet>(async (one, describing) =>
    describeStatefulSet(describing.writer, one, await facts(one, describing, one.spec.selector)),
  ),
  'apps/DaemonSet': typed<types.DaemonSet>(async (one, describing) =>
    describeDaemonSet(describing.writer, one, await facts(one, describing, one.spec.selector)),
  ),
  'batch/Job': typed<types.Job>(async (job, describing) =>
    describeJob(describing.writer, job, await facts(job, describing)),
  ),
  'batch/CronJob': typed<types.CronJob>(async (cronJob, describing) =>
    describeCronJob(describing.writer, cronJob, await facts(cronJob, describing)),
  ),
};

function typed<T extends KubeObject>(describe: (object: T, describing: Describing) => Promise<void>): Describer {
  return (object, describing) => describe(object as unknown as T, describing);
}

const generic: Describer = async (object, { client, writer, now, signal }) =>
  describeGeneric(writer, object, await eventsOf(client, object, signal), now);

async function facts(
  object: KubeObject,
  { client, now, signal }: Describing,
  selector?: LabelSelector,
): Promise<WorkloadFacts> {
  const events = await eventsOf(client, object, signal);
  if (!selector) return { events, now };
  const { namespace } = object.metadata;
  const pods = await readable(client, Pods, { namespace, labelSelector: selectorQuery(selector), signal });
  return { events, now, pods };
}

/** The one of the present template is the oldest that has it; the rest are old, by age. */
async function replicaSetsOf(
  { metadata, spec }: types.Deployment,
  { client, signal }: Describing,
): Promise<NonNullable<WorkloadFacts['replicaSets']>> {
  const options = { namespace: metadata.namespace, labelSelector: selectorQuery(spec.selector), signal };
  const found = (await readable(client, ReplicaSets, options)) ?? [];
  const owned = found
    .filter((one) => controllerOf(one)?.uid === metadata.uid)
    .toSorted((left, right) => (age(left) < age(right) ? -1 : 1));
  const template = templateText(spec.template);
  const current = owned.find((one) => templateText(one.spec.template) === template);
  return { old: owned.filter((one) => one !== current), current: current ? [current] : [] };
}

function age({ metadata }: KubeObject): string {
  return `${metadata.creationTimestamp}/${metadata.name}`;
}

/** A template without the hash that the Deployment controller adds. */
function templateText(template: types.PodTemplateSpec | undefined): string {
  const { 'pod-template-hash': _hash, ...labels } = template?.metadata?.labels ?? {};
  return JSON.stringify({ ...template, metadata: { ...template?.metadata, labels } }, (_key, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).toSorted(([left], [right]) => (left < right ? -1 : 1)))
      : value,
  );
}

async function node(object: types.Node, { client, writer, now, signal }: Describing): Promise<void> {
  const { name } = object.metadata;
  const fieldSelector = `spec.nodeName=${name},status.phase!=Succeeded,status.phase!=Failed`;
  const pods = await readable(client, Pods, { fieldSelector, signal });
  const lease = await client
    .get(Leases, { namespace: 'kube-node-lease', name }, { signal })
    .catch((failure: unknown) => messageOf(failure));
  const byUid = await eventsOf(client, object, signal);
  // Kubelets speak of their node by its name in place of its uid.
  const byName = await eventsOf(client, object, signal, { uid: name });
  describeNode(writer, object, { events: byUid && [...byUid, ...(byName ?? [])], now, lease, pods });
}

async function service(object: types.Service, { client, writer, now, signal }: Describing): Promise<void> {
  const { namespace, name } = object.metadata;
  const labelSelector = `kubernetes.io/service-name=${name}`;
  const slices = (await readable(client, EndpointSlices, { namespace, labelSelector, signal })) ?? [];
  describeService(writer, object, { events: await eventsOf(client, object, signal), now, slices });
}

async function namespace(object: types.Namespace, { client, writer, signal }: Describing): Promise<void> {
  const scope = { namespace: object.metadata.name, signal };
  const quotas = await readable(client, ResourceQuotas, scope);
  describeNamespace(writer, object, { quotas, limitRanges: await readable(client, LimitRanges, scope) });
}

/** Undefined where the server has no such kind, or the user may not read it. */
async function readable<T extends KubeObject>(
  client: KubeClient,
  resource: TypedResource<T>,
  options: ListOptions,
): Promise<T[] | undefined> {
  try {
    return (await client.list<T>(resource, options)).items;
  } catch (failure) {
    if (isNotFound(failure) || isForbidden(failure)) return undefined;
    throw failure;
  }
}
