import { tolerates } from '#common/kube/tolerations';
import type { Node, Pod } from '#common/kube/types';
import { reversed, unresolvable, type SchedulerPlugin } from '../plugin';

const UNTOLERATED = unresolvable('TaintToleration', 'node(s) had untolerated taint(s)');

/** Taints keep Pods away that do not tolerate them; PreferNoSchedule only asks them to look elsewhere first. */
export const taintToleration: SchedulerPlugin = {
  name: 'TaintToleration',
  normalize: reversed,
  filter(pod, { node }) {
    return toleratesNode(pod, node) ? undefined : UNTOLERATED;
  },
  score({ spec }, { node }) {
    const taints = (node.spec.taints ?? []).filter(({ effect }) => effect === 'PreferNoSchedule');
    if (taints.length === 0) return 0;
    const soft = (spec.tolerations ?? []).filter(({ effect }) => !effect || effect === 'PreferNoSchedule');
    return taints.filter((taint) => !tolerates(soft, taint)).length;
  },
  hints: {
    'Node/Add': (pod, { after }) => !!after && toleratesNode(pod, after),
    'Node/UpdateTaint': (pod, { before, after }) =>
      !!after && toleratesNode(pod, after) && !(before && toleratesNode(pod, before)),
    'Pod/UpdateToleration': ({ metadata }, { after }) => after?.metadata.uid === metadata.uid,
  },
};

/** Whether the Pod may be on the node as far as its taints go. */
export function toleratesNode({ spec }: Pod, node: Node): boolean {
  return (node.spec.taints ?? []).every(
    (taint) => (taint.effect !== 'NoSchedule' && taint.effect !== 'NoExecute') || tolerates(spec.tolerations, taint),
  );
}
