import { acceptsNode, matchesTerm } from '#common/kube/node-selection';
import { rejected, stretched, type SchedulerPlugin } from '../plugin';

/** nodeSelector and node affinity: the nodes a Pod must have, and those it would rather have. */
export const nodeAffinity: SchedulerPlugin = {
  name: 'NodeAffinity',
  weight: 2,
  normalize: stretched,
  filter({ spec }, { node }) {
    if (acceptsNode(spec, node)) return undefined;
    return rejected("node(s) didn't match Pod's node affinity/selector", { unresolvable: true });
  },
  score({ spec }, { node }) {
    const preferred = spec.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
    return preferred.reduce((sum, { weight, preference }) => (matchesTerm(preference, node) ? sum + weight : sum), 0);
  },
};
