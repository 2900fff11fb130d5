import { always } from '../cluster-event';
import { arePortsFree, hostPortsOf } from '../host-ports';
import { resolvable, type SchedulerPlugin } from '../plugin';

const TAKEN = resolvable('NodePorts', "node(s) didn't have free ports for the requested pod ports");

/** A port of a node belongs to one Pod at a time. */
export const nodePorts: SchedulerPlugin = {
  name: 'NodePorts',
  filter(pod, { hostPorts }) {
    const wanted = hostPortsOf(pod);
    return wanted.length === 0 || arePortsFree(wanted, hostPorts) ? undefined : TAKEN;
  },
  hints: {
    'Node/Add': always,
    'Pod/Delete': (pod, { before }) => !!before?.spec.nodeName && !arePortsFree(hostPortsOf(pod), hostPortsOf(before)),
  },
};
