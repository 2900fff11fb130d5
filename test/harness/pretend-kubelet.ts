import { formatTime } from '#common/base/clock';
import { isRenewedContinuously, NODE_LEASE_NAMESPACE } from '#common/kinds/node-lease';
import { keyOf } from '#common/kube/object';
import { Leases, Nodes, Pods } from '#common/kube/resources';
import type { ContainerStatus, Pod } from '#common/kube/types';
import {
  again,
  defineController,
  namedIndex,
  settled,
  watched,
  type Controller,
  type Outcome,
  type ReconcileContext,
} from '#main/sandbox/controllers/runtime/define-controller';
import { ignoreGone, refOf } from '#main/sandbox/controllers/runtime/ownership';
import { PodAddresses } from '#main/sandbox/network/pod-addresses';

const BY_NODE = 'pretend-kubelet/node';
/** How long Pods take to start, to finish and to go. */
const START_MS = 1000;
const FINISH_MS = 5000;
const STOP_MS = 500;

/** How a Pod's containers end, as its annotation of this name says: `succeeded` or `failed`; others run for good. */
export const OUTCOME = 'test/outcome';

/**
 * Stands in for the kubelets of all nodes whose lease is kept: Pods there get addresses, run, become ready, finish and go.
 * Pods of other nodes are left as they are.
 */
export function pretendKubelet(): Controller {
  const addresses = new Map<string, PodAddresses>();
  return defineController({
    name: 'pretend-kubelet',
    reconciles: Pods,
    concurrency: 50,
    indexes: [namedIndex(Pods, BY_NODE, ({ spec }) => (spec.nodeName ? [spec.nodeName] : []))],
    watches: [
      watched(Leases, ({ metadata }, cache) =>
        metadata.namespace === NODE_LEASE_NAMESPACE ? cache.indexed(Pods, BY_NODE, metadata.name).map(keyOf) : [],
      ),
      watched(Nodes, () => []),
    ],

    async reconcile(key, context) {
      const { cache } = context;
      const pod = cache.get(Pods, key);
      const nodeName = pod?.spec.nodeName;
      if (!pod || !nodeName) return settled;
      const node = cache.get(Nodes, nodeName);
      const lease = cache.get(Leases, `${NODE_LEASE_NAMESPACE}/${nodeName}`);
      if (!node?.spec.podCIDR || !lease || !isRenewedContinuously(lease)) return settled;
      let pool = addresses.get(nodeName);
      if (!pool) addresses.set(nodeName, (pool = new PodAddresses(node.spec.podCIDR)));
      return life(pod, pool, context);
    },
  });
}

async function life(pod: Pod, pool: PodAddresses, context: ReconcileContext): Promise<Outcome> {
  const { metadata, status } = pod;
  if (metadata.deletionTimestamp) return stop(pod, pool, context);
  if (hasEnded(pod)) return settled;
  if (status?.phase !== 'Running') return start(pod, pool, context);
  const outcome = metadata.annotations?.[OUTCOME];
  if (outcome !== undefined) {
    const leftMs = Date.parse(status.startTime ?? metadata.creationTimestamp) + FINISH_MS - context.clock.now();
    if (leftMs > 0) return again(leftMs);
    await write(pod, { phase: outcome === 'failed' ? 'Failed' : 'Succeeded', ready: false }, context);
    return settled;
  }
  const isReady = status.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True');
  if (!isReady) await write(pod, { phase: 'Running', ready: true }, context);
  return settled;
}

const hasEnded = ({ status }: Pod): boolean => status?.phase === 'Succeeded' || status?.phase === 'Failed';

async function start(pod: Pod, pool: PodAddresses, context: ReconcileContext): Promise<Outcome> {
  const leftMs = Date.parse(pod.metadata.creationTimestamp) + START_MS - context.clock.now();
  if (leftMs > 0) return again(leftMs);
  const podIP = pod.status?.podIP || pool.take();
  await write(pod, { phase: 'Running', ready: true, podIP }, context);
  return settled;
}

async function stop(pod: Pod, pool: PodAddresses, context: ReconcileContext): Promise<Outcome> {
  const { uid, deletionTimestamp = '', deletionGracePeriodSeconds = 0 } = pod.metadata;
  const askedMs = Date.parse(deletionTimestamp) - deletionGracePeriodSeconds * 1000;
  const leftMs = askedMs + STOP_MS - context.clock.now();
  if (leftMs > 0) return again(leftMs);
  if (!hasEnded(pod)) await write(pod, { phase: 'Failed', ready: false }, context);
  if (pod.status?.podIP) pool.release(pod.status.podIP);
  const options = { gracePeriodSeconds: 0, preconditions: { uid }, signal: context.signal };
  await ignoreGone(context.client.remove(Pods, refOf(pod), options));
  return settled;
}

interface State {
  phase: string;
  ready: boolean;
  podIP?: string | undefined;
}

async function write(
  pod: Pod,
  { phase, ready, podIP }: State,
  { client, clock, signal }: ReconcileContext,
): Promise<void> {
  const time = formatTime(clock.now());
  const conditions = ['Initialized', 'Ready', 'ContainersReady'].map((type) => ({
    type,
    status: ready || type === 'Initialized' ? 'True' : 'False',
    lastTransitionTime: time,
  }));
  const status = {
    phase,
    conditions,
    containerStatuses: pod.spec.containers.map(({ name, image }) =>
      containerStatus(name, image ?? '', { phase, ready, time }),
    ),
    ...(podIP ? { podIP, podIPs: [{ ip: podIP }], startTime: time } : {}),
  };
  const patch = { metadata: { uid: pod.metadata.uid }, status };
  await ignoreGone(client.patch(Pods, refOf(pod), { type: 'strategic', patch }, { subresource: 'status', signal }));
}

function containerStatus(
  name: string,
  image: string,
  { phase, ready, time }: { phase: string; ready: boolean; time: string },
): ContainerStatus {
  const exitCode = phase === 'Failed' ? 1 : 0;
  const state =
    phase === 'Running'
      ? { running: { startedAt: time }, terminated: null }
      : { running: null, terminated: { exitCode, reason: exitCode ? 'Error' : 'Completed', finishedAt: time } };
  return { name, image, imageID: '', ready, restartCount: 0, state } as unknown as ContainerStatus;
}
