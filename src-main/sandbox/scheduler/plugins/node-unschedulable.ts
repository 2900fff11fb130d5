import { tolerates } from '#common/kube/tolerations';
import { unresolvable, type SchedulerPlugin } from '../plugin';

const CORDONED = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' };
const UNSCHEDULABLE = unresolvable('NodeUnschedulable', 'node(s) were unschedulable');

/** A cordoned node takes only Pods that tolerate it. */
export const nodeUnschedulable: SchedulerPlugin = {
  name: 'NodeUnschedulable',
  filter({ spec }, { node }) {
    return node.spec.unschedulable && !tolerates(spec.tolerations, CORDONED) ? UNSCHEDULABLE : undefined;
  },
  hints: {
    'Node/Add': (_pod, { after }) => !after?.spec.unschedulable,
    'Node/UpdateTaint': (_pod, { before, after }) => !!before?.spec.unschedulable && !after?.spec.unschedulable,
    'Pod/UpdateToleration': ({ metadata }, { after }) =>
      after?.metadata.uid === metadata.uid && tolerates(after.spec.tolerations, CORDONED),
  },
};
