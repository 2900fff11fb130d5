/** What an API server makes by itself when its store is new: it is there before the first request is answered. */
import { randomUuid } from '#common/base/random';
import type { AnyObject } from '#common/kube/object';
import type { PolicyRule } from '#common/kube/types';
import { apiVersionOf, type Resource } from '#common/kube/resource';
import {
  APIServices,
  ClusterRoleBindings,
  ClusterRoles,
  ConfigMaps,
  Endpoints,
  EndpointSlices,
  FlowSchemas,
  Leases,
  Namespaces,
  PriorityClasses,
  PriorityLevelConfigurations,
  RoleBindings,
  Roles,
  ServiceCIDRs,
  Services,
} from '#common/kube/resources';
import policy from '#resources/kubernetes-schema/bootstrap-policy.json';
import { schemaOf } from '#main/sandbox/machinery/schema';
import { checkFields } from '#main/sandbox/machinery/strict-fields';
import type { WriteRequest } from '#main/sandbox/registry/registry-context';
import type { ServerParts } from '../exchange';
import { planBinding, planRole, type AnyBinding, type AnyRole } from './access-policy';
import { builtInApiServices } from '../aggregation/local-api-services';
import { frontProxyConfiguration } from './front-proxy';
import { identityLease, tokenTracking } from './identity';
import type { Seed } from './seed';
import { kubernetesService } from './kubernetes-service';

/** The machine that the API server runs on: the first node. */
const HOST = 'node-1';

/** `authority` is the PEM of the cluster's certificate authority. */
export async function bootstrap(parts: ServerParts, authority: string): Promise<void> {
  for (const name of ['default', 'kube-system', 'kube-public', 'kube-node-lease']) {
    await ensure(parts, Namespaces, { metadata: { name } });
  }
  for (const seed of PRIORITY_CLASSES) await ensure(parts, PriorityClasses, seed);
  for (const seed of policy.clusterRoles) await reconcileRole(parts, ClusterRoles, seed);
  for (const seed of policy.clusterRoleBindings) await reconcileBinding(parts, ClusterRoleBindings, seed);
  for (const seed of policy.roles) await reconcileRole(parts, Roles, seed);
  for (const seed of policy.roleBindings) await reconcileBinding(parts, RoleBindings, seed);
  for (const seed of policy.priorityLevelConfigurations)
    await ensure(parts, PriorityLevelConfigurations, seed, FLOW_CONTROL);
  for (const seed of policy.flowSchemas) await ensure(parts, FlowSchemas, seed, FLOW_CONTROL);
  await ensure(parts, ServiceCIDRs, { metadata: { name: 'kubernetes' }, spec: { cidrs: [parts.serviceRange.text] } });
  const { service, endpoints, endpointSlice } = kubernetesService(parts.serviceRange.addressAt(1));
  await ensure(parts, Services, service);
  await ensure(parts, Endpoints, endpoints);
  await ensure(parts, EndpointSlices, endpointSlice);
  await ensure(parts, ConfigMaps, frontProxyConfiguration(authority));
  const nowMs = parts.clock.now();
  await ensure(parts, ConfigMaps, tokenTracking(nowMs));
  await ensure(parts, Leases, identityLease(HOST, { uid: randomUuid(parts.random), nowMs }));
  for (const seed of builtInApiServices(parts.catalogue.definitions)) await ensure(parts, APIServices, seed);
}

/** What the Node authorizer lets every node do: the rules of the role that nodes had before there was one. */
export function nodeRules(): PolicyRule[] {
  return policy.clusterRoles.find(({ metadata }) => metadata.name === 'system:node')?.rules ?? [];
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
async function ensure(parts: ServerParts, resource: Resource, seed: Seed, request = REQUEST): Promise<void> {
  if (!stored(parts, resource, seed)) await create(parts, resource, seed, request);
}

async function reconcileRole(parts: ServerParts, resource: Resource, seed: Seed): Promise<void> {
  const current = stored(parts, resource, seed);
  if (!current) return create(parts, resource, seed);
  const next = planRole(current as AnyRole, seed as unknown as AnyRole);
  if (next) await update(parts, resource, next as AnyObject);
}

async function reconcileBinding(parts: ServerParts, resource: Resource, seed: Seed): Promise<void> {
  const current = stored(parts, resource, seed);
  if (!current) return create(parts, resource, seed);
  const plan = planBinding(current as unknown as AnyBinding, seed as unknown as AnyBinding);
  if (plan.step === 'update') return update(parts, resource, plan.next as unknown as AnyObject);
  if (plan.step === 'keep') return;
  const { name, namespace = '' } = seed.metadata;
  await parts.catalogue.registry(resource).delete(name, {}, { ...REQUEST, namespace });
  await create(parts, resource, seed);
}

function stored({ catalogue }: ServerParts, resource: Resource, { metadata }: Seed): AnyObject | undefined {
  const registry = catalogue.registry(resource);
  return registry.collection.get(registry.keyOf(metadata.namespace ?? '', metadata.name))?.object;
}

async function create({ catalogue }: ServerParts, resource: Resource, seed: Seed, request = REQUEST): Promise<void> {
  const { namespace = '' } = seed.metadata;
  const schema = schemaOf(resource);
  const object = { kind: resource.kind, apiVersion: apiVersionOf(resource), ...seed };
  const draft = (schema ? checkFields(object, schema).object : object) as AnyObject;
  await catalogue.registry(resource).create({ ...draft, metadata: { ...draft.metadata } }, { ...request, namespace });
}

async function update({ catalogue }: ServerParts, resource: Resource, next: AnyObject): Promise<void> {
  const { name, namespace = '' } = next.metadata;
  await catalogue.registry(resource).update(name, () => structuredClone(next), { ...REQUEST, namespace });
}

const REQUEST: WriteRequest = {
  user: { name: 'system:apiserver', groups: ['system:masters'] },
  dryRun: false,
  fieldManager: 'kube-apiserver',
  subresource: '',
  namespace: '',
};

const FLOW_CONTROL: WriteRequest = { ...REQUEST, fieldManager: 'api-priority-and-fairness-config-producer-v1' };
