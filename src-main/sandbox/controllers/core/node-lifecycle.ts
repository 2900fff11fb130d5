import { Nodes } from '#common/kube/resources';
import type { Node, Taint } from '#common/kube/types';
import { formatTime } from '#common/base/clock';
import { defineController, settled } from '../runtime/define-controller';
import { sameJson } from '../runtime/same-json';

/** Keeps the taints of a Node true to its conditions, so that nothing is scheduled where nothing can run. */
export const nodeLifecycleController = defineController({
  name: 'node-lifecycle',
  reconciles: Nodes,
  concurrency: 10,

  async reconcile(key, { cache, client, clock, signal }) {
    const node = cache.get(Nodes, key);
    if (!node || node.metadata.deletionTimestamp) return settled;
    const taints = taintsOf(node, clock.now());
    if (sameJson(taints, node.spec.taints ?? [])) return settled;
    await client.update(Nodes, { ...node, spec: { ...node.spec, taints } }, { signal });
    return settled;
  },
});

interface Rule {
  condition: string;
  status: string;
  key: string;
  effects: readonly string[];
}

const BOTH = ['NoSchedule', 'NoExecute'];
const ONLY_SCHEDULING = ['NoSchedule'];

/** Which taint stands for which condition (kube-controller-manager's node lifecycle controller). */
const RULES: readonly Rule[] = [
  { condition: 'Ready', status: 'False', key: 'node.kubernetes.io/not-ready', effects: BOTH },
  { condition: 'Ready', status: 'Unknown', key: 'node.kubernetes.io/unreachable', effects: BOTH },
  { condition: 'MemoryPressure', status: 'True', key: 'node.kubernetes.io/memory-pressure', effects: ONLY_SCHEDULING },
  { condition: 'DiskPressure', status: 'True', key: 'node.kubernetes.io/disk-pressure', effects: ONLY_SCHEDULING },
  { condition: 'PIDPressure', status: 'True', key: 'node.kubernetes.io/pid-pressure', effects: ONLY_SCHEDULING },
  {
    condition: 'NetworkUnavailable',
    status: 'True',
    key: 'node.kubernetes.io/network-unavailable',
    effects: ONLY_SCHEDULING,
  },
];

const UNSCHEDULABLE = 'node.kubernetes.io/unschedulable';
const OURS: ReadonlySet<string> = new Set([UNSCHEDULABLE, ...RULES.map(({ key }) => key)]);

/** The taints a Node should have: other people's stay, ours follow its conditions and cordon. */
export function taintsOf({ spec, status }: Node, nowMs: number): Taint[] {
  const wanted = new Map<string, Taint>();
  if (spec.unschedulable) addTaint(wanted, UNSCHEDULABLE, 'NoSchedule');
  for (const { condition, status: wantedStatus, key, effects } of RULES) {
    const holds = status?.conditions?.some((one) => one.type === condition && one.status === wantedStatus);
    if (holds) for (const effect of effects) addTaint(wanted, key, effect);
  }
  // A Node that has not said anything yet keeps the taint it was created with.
  const isSilent = !status?.conditions?.some(({ type }) => type === 'Ready');
  const kept = (spec.taints ?? []).filter(
    (taint) => !OURS.has(taint.key) || wanted.delete(`${taint.key}:${taint.effect}`) || isSilent,
  );
  const timeAdded = formatTime(nowMs);
  const added = [...wanted.values()].map((taint) => (taint.effect === 'NoExecute' ? { ...taint, timeAdded } : taint));
  return [...kept, ...added];
}

function addTaint(taints: Map<string, Taint>, key: string, effect: string): void {
  taints.set(`${key}:${effect}`, { key, effect });
}
