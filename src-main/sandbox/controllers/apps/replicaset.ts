import { ReplicaSets } from '#common/kube/resources';
import { replicaController } from './pod-replicas';

/** Keeps the number of active Pods of a ReplicaSet at `spec.replicas`. */
export const replicaSetController = replicaController({
  name: 'replicaset',
  resource: ReplicaSets,
  selectorOf: ({ spec }) => spec.selector,
  countsTerminating: true,
});
