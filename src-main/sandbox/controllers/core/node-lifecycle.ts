import { formatTime } from '#common/base/clock';
import { NODE_LEASE_NAMESPACE } from '#common/kinds/node-lease';
import { Leases, Nodes, Pods } from '#common/kube/resources';
import type { Lease, Node, Pod } from '#common/kube/types';
import { podCondition } from '../apps/pod-facts';
import {
  again,
  defineController,
  namedIndex,
  settled,
  watched,
  type Controller,
  type Outcome,
  type ReconcileContext,
} from '../runtime/define-controller';
import { ignoreGone, refOf } from '../runtime/ownership';
import { sameJson } from '../runtime/same-json';
import { lostAtMs, lostConditions, readyCondition, signOfLife, type SignOfLife } from './node-health';
import { isDriven, labelsToRepeat, taintsOf, wantsDriving, type Driving } from './node-taints';
import { NodeZones } from './node-zones';

const BY_NODE = 'controllers/node';

/**
 * Watches over nodes: those whose kubelet keeps silent become Unknown, and their Pods are not ready; taints follow the
 * conditions. NoExecute taints come at a rate, so that a broken network does not empty a cluster.
 */
export function nodeLifecycleController(): Controller {
  const watch = new NodeWatch();
  return defineController({
    name: 'node-lifecycle',
    component: 'node-controller',
    reconciles: Nodes,
    concurrency: 8,
    indexes: [namedIndex(Pods, BY_NODE, ({ spec }) => (spec.nodeName ? [spec.nodeName] : []))],
    watches: [
      watched(Leases, ({ metadata }) => (metadata.namespace === NODE_LEASE_NAMESPACE ? [metadata.name] : [])),
      // The taints of some hang on how many others are ready.
      watched(Nodes, () => [...watch.dependent]),
      watched(Pods, () => []),
    ],
    reconcile: (name, context) => watch.look(name, context),
  });
}

class NodeWatch {
  /** Nodes whose taints hang on how others are. */
  readonly dependent = new Set<string>();
  readonly #zones = new NodeZones();
  readonly #known = new Map<string, { uid: string; sign: SignOfLife }>();
  /** Nodes that were lost and whose Pods do not all say so yet. */
  readonly #unmarked = new Set<string>();
  #wasAllDown = false;

  async look(name: string, context: ReconcileContext): Promise<Outcome> {
    const node = context.cache.get(Nodes, name);
    this.#meet(name, node, context);
    if (!node) return settled;
    const nowMs = context.clock.now();
    const lease = context.cache.get(Leases, `${NODE_LEASE_NAMESPACE}/${name}`);
    const sign = this.#note(node, lease, nowMs);
    const lostMs = lostAtMs(sign, lease);
    const seen = nowMs > lostMs ? await this.#lose(node, context) : node;
    if (this.#unmarked.has(name)) await this.#markPods(name, context);
    const leaveMs = await this.#taint(seen, context);
    const nextMs = Math.min(nowMs > lostMs ? Number.POSITIVE_INFINITY : lostMs + 1 - nowMs, leaveMs);
    return nextMs < Number.POSITIVE_INFINITY ? again(nextMs) : settled;
  }

  /** A Node of the same name with another uid is another one. */
  #meet(name: string, node: Node | undefined, context: ReconcileContext): void {
    const known = this.#known.get(name);
    if (known && known.uid !== node?.metadata.uid) {
      tell({ name, uid: known.uid, ...context }, 'RemovingNode', `Removing Node ${name} from Controller`);
      this.#known.delete(name);
      this.#unmarked.delete(name);
      this.dependent.delete(name);
      this.#zones.forget(name);
    }
    if (!node || this.#known.has(name)) return;
    tell({ name, uid: node.metadata.uid, ...context }, 'RegisteredNode', `Registered Node ${name} in Controller`);
  }

  #note(node: Node, lease: Lease | undefined, nowMs: number): SignOfLife {
    const { name, uid } = node.metadata;
    const sign = signOfLife(this.#known.get(name)?.sign, node, lease, nowMs);
    this.#known.set(name, { uid, sign });
    this.#count(node, nowMs);
    return sign;
  }

  #count(node: Node, nowMs: number): void {
    this.#zones.see(node, readyCondition(node)?.status === 'True', nowMs);
    const isAllDown = this.#zones.isAllDown;
    // Nobody was heard of while everything was down: all get another chance.
    if (this.#wasAllDown && !isAllDown) for (const { sign } of this.#known.values()) sign.atMs = nowMs;
    this.#wasAllDown = isAllDown;
  }

  async #lose(node: Node, { client, record, clock, signal }: ReconcileContext): Promise<Node> {
    const nowMs = clock.now();
    const before = readyCondition(node);
    const conditions = lostConditions(node, nowMs);
    if (sameJson(conditions, node.status?.conditions)) return node;
    const lost = await client.updateStatus(Nodes, { ...node, status: { ...node.status, conditions } }, { signal });
    this.#count(lost, nowMs);
    if (before?.status !== 'True') return lost;
    const { name } = node.metadata;
    this.#unmarked.add(name);
    const message = `Node ${name} status is now: NodeNotReady`;
    record(referenceOf(name, node.metadata.uid), { type: 'Normal', reason: 'NodeNotReady', message });
    return lost;
  }

  async #markPods(name: string, context: ReconcileContext): Promise<void> {
    for (const pod of context.cache.indexed(Pods, BY_NODE, name)) await markNotReady(pod, context);
    this.#unmarked.delete(name);
  }

  /** Answers after how long to try again to drive Pods away; Infinity where nothing waits. */
  async #taint(node: Node, { client, clock, signal }: ReconcileContext): Promise<number> {
    const nowMs = clock.now();
    const { name } = node.metadata;
    const { driving, waitMs } = this.#leave(node, nowMs);
    if (wantsDriving(node) || isDriven(node)) this.dependent.add(name);
    else this.dependent.delete(name);
    const taints = taintsOf(node, driving, nowMs);
    const labels = { ...node.metadata.labels, ...labelsToRepeat(node) };
    const areSame = sameJson(taints, node.spec.taints ?? []) && sameJson(labels, node.metadata.labels ?? {});
    if (areSame) return waitMs;
    const metadata = { ...node.metadata, labels };
    await client.update(Nodes, { ...node, metadata, spec: { ...node.spec, taints } }, { signal });
    return waitMs;
  }

  #leave(node: Node, nowMs: number): { driving: Driving; waitMs: number } {
    if (this.#zones.isAllDown) return { driving: 'spare', waitMs: Number.POSITIVE_INFINITY };
    if (!wantsDriving(node)) return { driving: 'drive', waitMs: Number.POSITIVE_INFINITY };
    const waitMs = this.#zones.take(node, nowMs);
    return waitMs === 0 ? { driving: 'drive', waitMs: Number.POSITIVE_INFINITY } : { driving: 'wait', waitMs };
  }
}

async function markNotReady(pod: Pod, { client, record, clock, signal }: ReconcileContext): Promise<void> {
  if (podCondition(pod, 'Ready')?.status !== 'True') return;
  const condition = { type: 'Ready', status: 'False', lastTransitionTime: formatTime(clock.now()) };
  const patch = { metadata: { uid: pod.metadata.uid }, status: { conditions: [condition] } };
  const write = client.patch(Pods, refOf(pod), { type: 'strategic', patch }, { subresource: 'status', signal });
  await ignoreGone(write);
  record(pod, { type: 'Warning', reason: 'NodeNotReady', message: 'Node is not ready' });
}

interface Told extends Pick<ReconcileContext, 'record'> {
  name: string;
  uid: string;
}

function tell({ name, uid, record }: Told, reason: string, event: string): void {
  record(referenceOf(name, uid), { type: 'Normal', reason, message: `Node ${name} event: ${event}` });
}

/** The controller speaks of a Node without its revision. */
function referenceOf(name: string, uid: string) {
  return { apiVersion: 'v1', kind: 'Node', metadata: { name, uid, resourceVersion: '', creationTimestamp: '' } };
}
