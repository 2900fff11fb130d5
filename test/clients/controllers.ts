/** Controllers written in Go, with the libraries that most are written with. */
import type { Client } from './client';
import { goProgram, sightings } from './go-program';

export const clientGo: Client = {
  name: 'client-go',
  title: 'client-go v0.36.3',
  does: 'shared, dynamic and metadata informers (WatchList, ended watches, resync), protobuf writes, paging, errors, server-side apply, rollouts, evictions, leases, tokens, events; exec, port-forward and logs where Pods run',
  async prepare(log) {
    const program = await goProgram('informers', log);
    return ({ kubeconfig, isLive }) => sightings(program, ['-kubeconfig', kubeconfig, ...(isLive ? ['-live'] : [])]);
  },
};

export const controllerRuntime: Client = {
  name: 'controller-runtime',
  title: 'controller-runtime v0.24.1',
  does: 'a definition with rules and subresources, cached reads, owned Deployments, repairs, ten writers at one object, a finalizer, events, leader election',
  async prepare(log) {
    const program = await goProgram('reconciler', log);
    return ({ kubeconfig }) => sightings(program, ['-kubeconfig', kubeconfig]);
  },
};
