import { formatTime } from '#common/base/clock';
import { NODE_LEASE_NAMESPACE, nodeLease } from '#common/kinds/node-lease';
import { Leases, Nodes, Pods } from '#common/kube/resources';
import type { Node, NodeStatus, Pod, PodCondition } from '#common/kube/types';
import {
  again,
  defineController,
  settled,
  type Outcome,
  type ReconcileContext,
} from '#main/sandbox/controllers/runtime/define-controller';
import { ignoreGone, refOf } from '#main/sandbox/controllers/runtime/ownership';

/**
 * Plays nodes and their Pods as `test/reference/nodes.yaml` has kwok play them on the reference, by the same `life.test/*`
 * annotations, so that both clusters go through the same life.
 */
export const playedKubelet = defineController({
  name: 'played-kubelet',
  reconciles: Pods,
  concurrency: 50,

  async reconcile(key, context) {
    const pod = context.cache.get(Pods, key);
    if (!pod?.spec.nodeName || !isManaged(context, pod.spec.nodeName)) return settled;
    return pod.metadata.deletionTimestamp ? end(pod, context) : live(pod, context);
  },
  watches: [],
});

/** Makes Nodes with a kubelet Ready. */
export const playedNodes = defineController({
  name: 'played-nodes',
  reconciles: Nodes,

  async reconcile(key, { cache, client, clock, signal }) {
    const node = cache.get(Nodes, key);
    if (!node) return settled;
    if (node.metadata.annotations?.[KUBELET] !== 'on') {
      await fallSilent(node, { client, clock, signal });
      return settled;
    }
    const ready = node.status?.conditions?.find(({ type }) => type === 'Ready');
    if (ready?.status === 'True' || ready?.status === 'Unknown') return settled;
    await client.updateStatus(Nodes, { ...node, status: readyStatus(node, formatTime(clock.now())) }, { signal });
    await client.create(Leases, nodeLease(node, clock.now(), 'continuously'), { signal });
    return settled;
  },
});

/** Takes the sign of life from a node whose kubelet is to be lost. */
async function fallSilent(
  node: Node,
  { client, clock, signal }: Pick<ReconcileContext, 'client' | 'clock' | 'signal'>,
) {
  const ref = { name: node.metadata.name, namespace: NODE_LEASE_NAMESPACE };
  const { spec } = nodeLease(node, clock.now(), 'no longer');
  const patch = { metadata: { annotations: null }, spec };
  await ignoreGone(client.patch(Leases, ref, { type: 'merge', patch }, { signal }));
}

const KUBELET = 'life.test/kubelet';
const OUTCOME = 'life.test/outcome';
const RUN_MS = 1000;

function readyStatus(node: Node, time: string): NodeStatus {
  const room = { cpu: '4', memory: '8Gi', pods: '110' };
  return {
    allocatable: room,
    capacity: room,
    ...node.status,
    conditions: [
      {
        type: 'Ready',
        status: 'True',
        reason: 'KubeletReady',
        message: 'kubelet is posting ready status',
        lastHeartbeatTime: time,
        lastTransitionTime: time,
      },
    ],
    addresses: [
      { type: 'InternalIP', address: '172.18.0.2' },
      { type: 'Hostname', address: node.metadata.name },
    ],
  };
}

function isManaged({ cache }: ReconcileContext, name: string): boolean {
  return cache.get(Nodes, name)?.metadata.annotations?.[KUBELET] === 'on';
}

async function live(pod: Pod, context: ReconcileContext): Promise<Outcome> {
  const outcome = pod.metadata.annotations?.[OUTCOME] ?? 'running';
  if (pod.status?.phase === 'Pending') return outcome === 'pending' ? settled : start(pod, outcome, context);
  if (pod.status?.phase !== 'Running' || (outcome !== 'succeeded' && outcome !== 'failed')) return settled;
  const leftMs = Date.parse(pod.status.startTime ?? '') + RUN_MS - context.clock.now();
  if (leftMs > 0) return again(leftMs);
  const code = exitCode(pod, outcome);
  await putEnd(pod, code, context);
  return settled;
}

async function start(pod: Pod, outcome: string, context: ReconcileContext): Promise<Outcome> {
  const isReady = outcome !== 'unready';
  const time = formatTime(context.clock.now());
  const condition = (type: string, holds: boolean) => ({
    type,
    status: holds ? 'True' : 'False',
    lastTransitionTime: time,
  });
  const containerStatuses = pod.spec.containers.map(({ name, image = '' }) => ({
    name,
    image,
    imageID: '',
    ready: isReady,
    started: true,
    restartCount: 0,
    state: { running: { startedAt: time } },
  }));
  const conditions = [
    condition('Initialized', true),
    condition('Ready', isReady),
    condition('ContainersReady', isReady),
  ];
  const podIP = `10.244.0.${(Number.parseInt(pod.metadata.uid.slice(0, 2), 16) % 250) + 2}`;
  const place = { hostIP: '172.18.0.2', hostIPs: [{ ip: '172.18.0.2' }], podIP, podIPs: [{ ip: podIP }] };
  await putStatus(pod, { phase: 'Running', startTime: time, conditions, containerStatuses, ...place }, context);
  return settled;
}

function exitCode({ metadata: { annotations = {} } }: Pod, outcome: string): number {
  const failsAt = annotations['life.test/fails-at'];
  if (failsAt !== undefined && failsAt !== annotations['batch.kubernetes.io/job-completion-index']) return 0;
  return outcome === 'failed' ? Number(annotations['life.test/exit-code'] ?? 1) : 0;
}

async function putEnd(pod: Pod, exitCode: number, context: ReconcileContext, killed = false): Promise<void> {
  const time = formatTime(context.clock.now());
  const isDone = exitCode === 0 && !killed;
  const reason = isDone ? 'PodCompleted' : 'PodFailed';
  const conditions: PodCondition[] = ['Ready', 'ContainersReady'].map((type) => ({
    type,
    status: 'False',
    reason,
    lastTransitionTime: time,
  }));
  const terminated = { exitCode, reason: isDone ? 'Completed' : 'Error', startedAt: time, finishedAt: time };
  const containerStatuses = pod.spec.containers.map(({ name, image = '' }) => ({
    name,
    image,
    imageID: '',
    ready: false,
    started: false,
    restartCount: 0,
    state: { terminated },
  }));
  await putStatus(pod, { phase: isDone ? 'Succeeded' : 'Failed', conditions, containerStatuses }, context);
}

/** A Pod that is told to go is killed first, then gone. */
async function end(pod: Pod, context: ReconcileContext): Promise<Outcome> {
  if (pod.status?.phase === 'Running') {
    await putEnd(pod, 137, context, true);
    return settled;
  }
  if (pod.metadata.deletionGracePeriodSeconds === 0) return settled;
  const { client, signal } = context;
  const { uid } = pod.metadata;
  await ignoreGone(client.remove(Pods, refOf(pod), { gracePeriodSeconds: 0, preconditions: { uid }, signal }));
  return settled;
}

async function putStatus(pod: Pod, status: object, { client, signal }: ReconcileContext): Promise<void> {
  const patch = { metadata: { uid: pod.metadata.uid }, status };
  await ignoreGone(client.patch(Pods, refOf(pod), { type: 'strategic', patch }, { subresource: 'status', signal }));
}
