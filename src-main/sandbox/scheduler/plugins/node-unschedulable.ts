import { tolerates } from '#common/kube/tolerations';
import { rejected, type SchedulerPlugin } from '../plugin';

const CORDONED = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' };

/** A cordoned node takes only Pods that tolerate it. */
export const nodeUnschedulable: SchedulerPlugin = {
  name: 'NodeUnschedulable',
  filter({ spec }, { node }) {
    if (!node.spec.unschedulable || tolerates(spec.tolerations, CORDONED)) return undefined;
    return rejected('node(s) were unschedulable', { unresolvable: true });
  },
};
