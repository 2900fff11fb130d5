import type { ResourceRef } from '#common/contract/shapes';
import ConfigMapSummary from './configmap/ConfigMapSummary.vue';
import DeploymentSummary from './deployment/DeploymentSummary.vue';
import EventSummary from './event/EventSummary.vue';
import GenericSummary from './generic/GenericSummary.vue';
import NamespaceSummary from './namespace/NamespaceSummary.vue';
import NodeSummary from './node/NodeSummary.vue';
import PodSummary from './pod/PodSummary.vue';
import ReplicaSetSummary from './replicaset/ReplicaSetSummary.vue';
import SecretSummary from './secret/SecretSummary.vue';
import ServiceSummary from './service/ServiceSummary.vue';
import type { ActionName, KindView } from './shared/kind-view';
import WorkloadSummary from './workload/WorkloadSummary.vue';

const kinds: Readonly<Record<string, KindView>> = {
  '/pods': { summary: PodSummary, actions: ['logs', 'shell', 'forward', 'edit', 'delete'] },
  '/nodes': { summary: NodeSummary, actions: ['edit', 'delete'] },
  '/services': { summary: ServiceSummary, actions: ['logs', 'forward', 'edit', 'delete'] },
  '/configmaps': { summary: ConfigMapSummary, actions: ['edit', 'delete'] },
  '/secrets': { summary: SecretSummary, actions: ['edit', 'delete'] },
  '/namespaces': { summary: NamespaceSummary, actions: ['edit', 'delete'] },
  '/events': { summary: EventSummary, actions: ['delete'] },
  'events.k8s.io/events': { summary: GenericSummary, actions: ['delete'] },
  'apps/deployments': {
    summary: DeploymentSummary,
    actions: ['logs', 'forward', 'scale', 'restart', 'edit', 'delete'],
  },
  'apps/replicasets': { summary: ReplicaSetSummary, actions: ['logs', 'forward', 'scale', 'edit', 'delete'] },
  'apps/statefulsets': { summary: WorkloadSummary, actions: ['logs', 'forward', 'scale', 'restart', 'edit', 'delete'] },
  'apps/daemonsets': { summary: WorkloadSummary, actions: ['logs', 'forward', 'restart', 'edit', 'delete'] },
  'batch/jobs': { summary: WorkloadSummary, actions: ['logs', 'edit', 'delete'] },
  '/replicationcontrollers': { summary: WorkloadSummary, actions: ['logs', 'scale', 'edit', 'delete'] },
};

const otherActions: readonly ActionName[] = ['edit', 'delete'];

/** How a kind is shown and what can be done to it; kinds nobody wrote a view for are shown field by field. */
export function kindView({ group, plural }: Pick<ResourceRef, 'group' | 'plural'>): KindView {
  return kinds[`${group}/${plural}`] ?? { summary: GenericSummary, actions: otherActions };
}
