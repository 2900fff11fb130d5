import { ReplicationControllers } from '#common/kube/resources';
import { replicaController } from '../apps/pod-replicas';

/** Keeps the number of active Pods of a ReplicationController at `spec.replicas`. */
export const replicationController = replicaController({
  name: 'replication',
  resource: ReplicationControllers,
  selectorOf: ({ spec }) => (spec?.selector ? { matchLabels: spec.selector } : undefined),
  countsTerminating: false,
});
