import { always } from '../cluster-event';
import { unresolvable, type SchedulerPlugin } from '../plugin';

const ANOTHER = unresolvable('NodeName', "node(s) didn't match the requested node name");

/** A Pod that names its node goes there or nowhere. */
export const nodeName: SchedulerPlugin = {
  name: 'NodeName',
  filter({ spec }, { node }) {
    return spec.nodeName && spec.nodeName !== node.metadata.name ? ANOTHER : undefined;
  },
  hints: { 'Node/Add': always },
};
