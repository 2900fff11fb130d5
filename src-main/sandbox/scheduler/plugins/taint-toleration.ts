import { tolerates } from '#common/kube/tolerations';
import { rejected, reversed, type SchedulerPlugin } from '../plugin';

/** Taints keep Pods away that do not tolerate them; PreferNoSchedule only asks them to look elsewhere first. */
export const taintToleration: SchedulerPlugin = {
  name: 'TaintToleration',
  weight: 3,
  normalize: reversed,
  filter({ spec }, { node }) {
    const hard = (node.spec.taints ?? []).filter(({ effect }) => effect === 'NoSchedule' || effect === 'NoExecute');
    if (hard.every((taint) => tolerates(spec.tolerations, taint))) return undefined;
    return rejected('node(s) had untolerated taint(s)', { unresolvable: true });
  },
  score({ spec }, { node }) {
    const soft = (spec.tolerations ?? []).filter(({ effect }) => !effect || effect === 'PreferNoSchedule');
    const taints = (node.spec.taints ?? []).filter(({ effect }) => effect === 'PreferNoSchedule');
    return taints.filter((taint) => !tolerates(soft, taint)).length;
  },
};
