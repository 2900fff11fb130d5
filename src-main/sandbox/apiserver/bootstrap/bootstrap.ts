/** What an API server makes by itself when its store is new: it is there before the first request is answered. */
import type { AnyObject } from '#common/kube/object';
import { apiVersionOf, type Resource } from '#common/kube/resource';
import {
  ClusterRoleBindings,
  ClusterRoles,
  Endpoints,
  EndpointSlices,
  Namespaces,
  PriorityClasses,
  RoleBindings,
  Roles,
  Services,
} from '#common/kube/resources';
import { schemaOf } from '#main/sandbox/machinery/schema';
import { checkFields } from '#main/sandbox/machinery/strict-fields';
import type { WriteRequest } from '#main/sandbox/registry/registry-context';
import type { ServerParts } from '../exchange';
import { bootstrapRoles } from './roles';
import { kubernetesService } from './kubernetes-service';

/** An object without what the server fills in. */
export type Seed = { metadata: { name: string; namespace?: string } } & Record<string, unknown>;

export async function bootstrap(parts: ServerParts): Promise<void> {
  for (const name of ['default', 'kube-system', 'kube-public', 'kube-node-lease']) {
    await ensure(parts, Namespaces, { metadata: { name } });
  }
  for (const seed of PRIORITY_CLASSES) await ensure(parts, PriorityClasses, seed);
  const { clusterRoles, clusterRoleBindings, roles, roleBindings } = bootstrapRoles();
  for (const seed of clusterRoles) await ensure(parts, ClusterRoles, seed);
  for (const seed of clusterRoleBindings) await ensure(parts, ClusterRoleBindings, seed);
  for (const seed of roles) await ensure(parts, Roles, seed);
  for (const seed of roleBindings) await ensure(parts, RoleBindings, seed);
  const { service, endpoints, endpointSlice } = kubernetesService(parts.serviceRange.addressAt(1));
  await ensure(parts, Services, service);
  await ensure(parts, Endpoints, endpoints);
  await ensure(parts, EndpointSlices, endpointSlice);
}

const PRIORITY_CLASSES: Seed[] = [
  {
    metadata: { name: 'system-node-critical' },
    value: 2_000_001_000,
    description: 'Used for system critical pods that must not be moved from their current node.',
  },
  {
    metadata: { name: 'system-cluster-critical' },
    value: 2_000_000_000,
    description:
      'Used for system critical pods that must run in the cluster, but can be moved to another node if necessary.',
  },
];

/** Makes an object unless it is there already: what people changed stays. */
async function ensure({ catalogue }: ServerParts, resource: Resource, seed: Seed): Promise<void> {
  const registry = catalogue.registry(resource);
  const { name, namespace = '' } = seed.metadata;
  if (registry.collection.get(registry.keyOf(namespace, name))) return;
  const schema = schemaOf(resource);
  const object = { kind: resource.kind, apiVersion: apiVersionOf(resource), ...seed };
  const draft = (schema ? checkFields(object, schema).object : object) as AnyObject;
  await registry.create({ ...draft, metadata: { ...draft.metadata } }, { ...REQUEST, namespace });
}

const REQUEST: WriteRequest = {
  user: { name: 'system:apiserver', groups: ['system:masters'] },
  dryRun: false,
  fieldManager: 'kube-apiserver',
  subresource: '',
  namespace: '',
};
