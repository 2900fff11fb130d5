import { conflicts, hostPortsOf } from '../node-state';
import { rejected, type SchedulerPlugin } from '../plugin';

/** A port of a node belongs to one Pod at a time. */
export const nodePorts: SchedulerPlugin = {
  name: 'NodePorts',
  filter(pod, { hostPorts }) {
    const wanted = hostPortsOf(pod);
    if (!wanted.some((port) => hostPorts.some((held) => conflicts(held, port)))) return undefined;
    return rejected("node(s) didn't have free ports for the requested pod ports", { unresolvable: false });
  },
};
