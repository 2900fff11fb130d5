import { rejected, type SchedulerPlugin } from '../plugin';

/** A Pod that names its node goes there or nowhere. */
export const nodeName: SchedulerPlugin = {
  name: 'NodeName',
  filter({ spec }, { node }) {
    if (!spec.nodeName || spec.nodeName === node.metadata.name) return undefined;
    return rejected("node(s) didn't match the requested node name", { unresolvable: true });
  },
};
