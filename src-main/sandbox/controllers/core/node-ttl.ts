import { Nodes } from '#common/kube/resources';
import { defineController, settled, type Controller } from '../runtime/define-controller';
import { ignoreGone, refOf } from '../runtime/ownership';

const TTL = 'node.alpha.kubernetes.io/ttl';

interface Step {
  from: number;
  to: number;
  seconds: number;
}

/** The larger the cluster, the longer kubelets may keep what they read; a step is left later than it is entered. */
const STEPS: readonly Step[] = [
  { from: 0, to: 100, seconds: 0 },
  { from: 90, to: 500, seconds: 15 },
  { from: 450, to: 1000, seconds: 30 },
  { from: 900, to: 2000, seconds: 60 },
  { from: 1800, to: Number.POSITIVE_INFINITY, seconds: 300 },
];

/** The step of a cluster of `nodes`, coming from step `at`. */
export function stepFor(nodes: number, at: number): number {
  let step = at;
  while (nodes > (STEPS[step]?.to ?? 0) && step < STEPS.length - 1) step++;
  while (nodes < (STEPS[step]?.from ?? 0) && step > 0) step--;
  return step;
}

/** Tells each kubelet how long it may keep secrets and config maps that it read. */
export function nodeTtlController(): Controller {
  let step = 0;
  return defineController({
    name: 'ttl',
    reconciles: Nodes,

    async reconcile(key, { cache, client, signal }) {
      const node = cache.get(Nodes, key);
      step = stepFor(cache.informer(Nodes).cache.size, step);
      const value = String(STEPS[step]?.seconds ?? 0);
      if (!node || node.metadata.annotations?.[TTL] === value) return settled;
      const patch = { metadata: { annotations: { [TTL]: value } } };
      await ignoreGone(client.patch(Nodes, refOf(node), { type: 'strategic', patch }, { signal }));
      return settled;
    },
  });
}
