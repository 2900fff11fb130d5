/** What sets kinds apart in one word each: lists of the release's strategies, for kinds without a file of their own too. */
import { builtInResources, type BuiltInResource } from '#main/sandbox/machinery/schema';
import { resourceId } from '#common/kube/resource';
import { conversions } from './conversions';
import { pathSegment } from './names';
import { defineStrategy, type GarbagePolicy, type Strategy } from './strategy';

const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/));

const COUNTS_GENERATIONS = words(`
  pods replicationcontrollers
  deployments.apps replicasets.apps statefulsets.apps daemonsets.apps jobs.batch cronjobs.batch
  ingresses.networking.k8s.io ingressclasses.networking.k8s.io networkpolicies.networking.k8s.io
  poddisruptionbudgets.policy customresourcedefinitions.apiextensions.k8s.io
  mutatingwebhookconfigurations.admissionregistration.k8s.io validatingwebhookconfigurations.admissionregistration.k8s.io
  validatingadmissionpolicies.admissionregistration.k8s.io validatingadmissionpolicybindings.admissionregistration.k8s.io
  mutatingadmissionpolicies.admissionregistration.k8s.io mutatingadmissionpolicybindings.admissionregistration.k8s.io
  flowschemas.flowcontrol.apiserver.k8s.io prioritylevelconfigurations.flowcontrol.apiserver.k8s.io
  podtemplates priorityclasses.scheduling.k8s.io endpointslices.discovery.k8s.io
  deviceclasses.resource.k8s.io resourceslices.resource.k8s.io
`);

const CREATES_ON_UPDATE = words(`
  endpoints events limitranges services leases.coordination.k8s.io runtimeclasses.node.k8s.io
  clusterroles.rbac.authorization.k8s.io clusterrolebindings.rbac.authorization.k8s.io
  roles.rbac.authorization.k8s.io rolebindings.rbac.authorization.k8s.io
`);

/** Groups whose kinds take a PUT without a resourceVersion; in others only the kinds listed below do. */
const FREE_GROUPS = words(`
  apps autoscaling batch certificates.k8s.io discovery.k8s.io flowcontrol.apiserver.k8s.io networking.k8s.io
  rbac.authorization.k8s.io resource.k8s.io scheduling.k8s.io
`);

const FREE_KINDS = words(`
  storageclasses.storage.k8s.io volumeattributesclasses.storage.k8s.io
`);

const RETURNS_DELETED = words(`
  pods services serviceaccounts persistentvolumes persistentvolumeclaims podtemplates resourcequotas
  storageclasses.storage.k8s.io volumeattachments.storage.k8s.io csidrivers.storage.k8s.io csinodes.storage.k8s.io
`);

/** Kinds whose children stay unless the request says otherwise, as they did in their first versions. */
const ORPHANS = words(`
  replicationcontrollers jobs.batch
`);

/** Kinds that other words than finalizers lead through their deletion: no grace period, no generation tells of it. */
const DELETES_ITSELF = words(`
  namespaces customresourcedefinitions.apiextensions.k8s.io
`);

const ANY_NAME = words(`
  events poddisruptionbudgets.policy
`);

/** The strategy of a kind that differs from others in nothing but these lists. */
export function defaultStrategy(resource: BuiltInResource): Strategy {
  const { group, version, plural, kind, namespaced } = resource;
  const name = group ? `${plural}.${group}` : plural;
  return defineStrategy({
    resource: { group, version, plural, kind, namespaced },
    countsGenerations: COUNTS_GENERATIONS.has(name),
    createsOnUpdate: CREATES_ON_UPDATE.has(name),
    needsRevision: group !== '' && !FREE_GROUPS.has(group) && !FREE_KINDS.has(name),
    returnsDeleted: RETURNS_DELETED.has(name),
    keepsStatus: !resource.subresources?.some((one) => one.name === 'status'),
    garbage: garbageOf(name),
    deletesItself: DELETES_ITSELF.has(name),
    ...namesOf(name, group),
  });
}

function garbageOf(name: string): GarbagePolicy {
  if (name === 'events') return 'unsupported';
  return ORPHANS.has(name) ? 'orphan' : 'background';
}

function namesOf(name: string, group: string): Pick<Strategy, 'names'> {
  if (group === 'rbac.authorization.k8s.io') return { names: pathSegment };
  return ANY_NAME.has(name) ? { names: () => [] } : {};
}

/** Resources that are stored: those that can be made and read again. */
export function storedResources(): BuiltInResource[] {
  return builtInResources().filter(
    (one) => one.verbs.includes('create') && one.verbs.includes('get') && !conversions.has(resourceId(one)),
  );
}
