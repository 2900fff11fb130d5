/** NodeRestriction: a kubelet changes its own Node and the Pods that run there, and nothing else. */
import { CSIDrivers, Nodes, PersistentVolumeClaims, PersistentVolumes, Pods } from '#common/kube/resources';
import type {
  AuthenticationV1TokenRequest,
  CertificateSigningRequest,
  Node,
  PersistentVolumeClaim,
  Pod,
  ResourceSlice,
  Volume,
} from '#common/kube/types';
import { failure } from '#common/kube/status-error';
import { parseSigningRequest } from '#main/base/x509/signing-request';
import { sameValue } from '#main/sandbox/machinery/same-value';
import type { MayUser } from './certificates';
import { forbiddenLabels } from './node-labels';
import type { AdmissionCluster, AdmissionPlugin, AdmissionRequest } from './plugin';
import { referencedKind } from './pod-references';
import { refused } from './refusal';
import { writtenResource } from './written-resource';

const NODE_USER = 'system:node:';
const NODES = 'system:nodes';
const MIRROR = 'kubernetes.io/config.mirror';

interface Case {
  node: string;
  request: AdmissionRequest;
  cluster: AdmissionCluster;
  may: MayUser;
}

export function nodeRestriction(may: MayUser): AdmissionPlugin {
  return {
    name: 'NodeRestriction',
    mutate(request, cluster) {
      judge(request, cluster, may);
    },
    // Deletions are not changed by anybody: they are only looked at.
    validate(request, cluster) {
      if (request.operation === 'DELETE') judge(request, cluster, may);
    },
  };
}

function judge(request: AdmissionRequest, cluster: AdmissionCluster, may: MayUser): void {
  const { user } = request;
  if (!user.name.startsWith(NODE_USER) || !user.groups.includes(NODES)) return;
  const node = user.name.slice(NODE_USER.length);
  if (!node) throw refused(request, `could not determine node from user ${JSON.stringify(user.name)}`);
  const written = writtenResource(request);
  const known = JUDGES[written] ?? JUDGES[written.replace(/\/.*/, '/*')];
  const why = known?.({ node, request, cluster, may });
  if (why) throw refused(request, why);
}

const JUDGES: Readonly<Record<string, (one: Case) => string | undefined>> = {
  pods: podProblem,
  'pods/status': podStatusProblem,
  'pods/eviction': evictionProblem,
  'pods/*': ({ request }) =>
    `unexpected pod subresource ${JSON.stringify(request.subresource)}, only 'status' and 'eviction' are allowed`,
  nodes: nodeProblem,
  'nodes/*': nodeProblem,
  persistentvolumeclaims: () => 'may only update PVC status',
  'persistentvolumeclaims/status': claimStatusProblem,
  'serviceaccounts/token': tokenProblem,
  'leases.coordination.k8s.io': ({ node, request }) => ownByName(request, node, 'lease'),
  'csinodes.storage.k8s.io': ({ node, request }) => ownByName(request, node, 'CSINode'),
  'resourceslices.resource.k8s.io': sliceProblem,
  'certificatesigningrequests.certificates.k8s.io': requestProblem,
};

const quoted = (text: string): string => JSON.stringify(text);

function podProblem(one: Case): string | undefined {
  const { node, request, cluster } = one;
  if (request.operation === 'CREATE') return mirrorProblem(one);
  if (request.operation !== 'DELETE') {
    return `unexpected operation ${quoted(request.operation)}, node ${quoted(node)} can only create and delete mirror pods`;
  }
  const pod = podOf(request, cluster);
  return pod.spec.nodeName === node
    ? undefined
    : `node ${quoted(node)} can only delete pods with spec.nodeName set to itself`;
}

/** Nodes make Pods only as mirrors of what they run by themselves. */
function mirrorProblem({ node, request, cluster }: Case): string | undefined {
  const pod = request.object as unknown as Pod;
  const who = `node ${quoted(node)}`;
  if (pod.metadata.annotations?.[MIRROR] === undefined) {
    return `pod does not have ${quoted(MIRROR)} annotation, ${who} can only create mirror pods`;
  }
  if (pod.spec.nodeName !== node) return `${who} can only create pods with spec.nodeName set to itself`;
  const problem = ownerProblem(pod, node, cluster);
  if (problem) return problem;
  const kind = referencedKind(pod);
  return kind ? `${who} can not create pods that reference ${kind}` : undefined;
}

function ownerProblem({ metadata }: Pod, node: string, cluster: AdmissionCluster): string | undefined {
  const who = `node ${quoted(node)}`;
  const [owner, ...others] = metadata.ownerReferences ?? [];
  if (others.length > 0) return `${who} can only create pods with a single owner reference set to itself`;
  if (owner?.apiVersion !== 'v1' || owner.kind !== 'Node' || owner.name !== node) {
    return `${who} can only create pods with an owner reference set to itself`;
  }
  if (!owner.controller) return `${who} can only create pods with a controller owner reference set to itself`;
  if (owner.blockOwnerDeletion) return `${who} must not set blockOwnerDeletion on an owner reference`;
  const known = cluster.get(Nodes, node);
  if (!known) throw failure(404, 'NotFound', `node ${quoted(node)} not found`, { name: node, kind: 'node' });
  const { uid } = known.metadata;
  return owner.uid === uid ? undefined : `node ${node} UID mismatch: expected ${owner.uid} got ${uid}`;
}

function podStatusProblem({ node, request }: Case): string | undefined {
  const before = request.oldObject as unknown as Pod;
  const next = request.object as unknown as Pod;
  const who = `node ${quoted(node)}`;
  if (before.spec.nodeName !== node) {
    return `${who} can only update pod status for pods with spec.nodeName set to itself`;
  }
  if (!sameValue(before.metadata.labels ?? {}, next.metadata.labels ?? {})) {
    return `${who} cannot update labels through pod status`;
  }
  if (!sameValue(before.status?.resourceClaimStatuses ?? [], next.status?.resourceClaimStatuses ?? [])) {
    return `${who} cannot update resource claim statues`;
  }
  return undefined;
}

function evictionProblem({ node, request, cluster }: Case): string | undefined {
  const pod = podOf(request, cluster);
  return pod.spec.nodeName === node ? undefined : `node ${node} can only evict pods with spec.nodeName set to itself`;
}

function podOf({ namespace, name }: AdmissionRequest, cluster: AdmissionCluster): Pod {
  const pod = cluster.get(Pods, `${namespace}/${name}`);
  if (!pod) throw failure(404, 'NotFound', `pod ${quoted(name)} not found`, { name, kind: 'pod' });
  return pod;
}

function nodeProblem({ node, request }: Case): string | undefined {
  const who = `node ${quoted(node)}`;
  if (request.name !== node) return `${who} is not allowed to modify node ${quoted(request.name)}`;
  const next = request.object as unknown as Node | undefined;
  const before = request.oldObject as unknown as Node | undefined;
  if (request.operation === 'CREATE' && next) return newNodeProblem(next, who);
  return request.operation === 'UPDATE' && next && before ? changedNodeProblem(next, before, who) : undefined;
}

function newNodeProblem({ metadata, spec }: Node, who: string): string | undefined {
  if (spec?.configSource) return `${who} is not allowed to create pods with a non-nil configSource`;
  const labels = forbiddenLabels(metadata.labels ?? {}, {});
  return labels.length > 0 ? `${who} is not allowed to set the following labels: ${labels.join(', ')}` : undefined;
}

function changedNodeProblem(next: Node, before: Node, who: string): string | undefined {
  if (next.spec?.configSource && !sameValue(next.spec.configSource, before.spec?.configSource)) {
    return `${who} is not allowed to update configSource to a new non-nil configSource`;
  }
  if (!sameValue(next.spec?.taints ?? [], before.spec?.taints ?? [])) return `${who} is not allowed to modify taints`;
  if (!sameValue(next.metadata.ownerReferences ?? [], before.metadata.ownerReferences ?? [])) {
    return `${who} is not allowed to modify ownerReferences`;
  }
  const labels = forbiddenLabels(next.metadata.labels ?? {}, before.metadata.labels ?? {});
  return labels.length > 0 ? `is not allowed to modify labels: ${labels.join(', ')}` : undefined;
}

const CLAIM_STATUS = ['capacity', 'conditions', 'allocatedResourceStatuses', 'allocatedResources'];

function claimStatusProblem({ node, request }: Case): string | undefined {
  const bare = (claim: PersistentVolumeClaim): unknown => {
    const { resourceVersion: _revision, managedFields: _managed, ...metadata } = claim.metadata;
    const status = Object.entries(claim.status ?? {}).filter(([field]) => !CLAIM_STATUS.includes(field));
    return { ...claim, metadata, status: Object.fromEntries(status) };
  };
  const [next, before] = [request.object, request.oldObject] as unknown as PersistentVolumeClaim[];
  if (next && before && sameValue(bare(next), bare(before))) return undefined;
  return `node ${quoted(node)} is not allowed to update fields other than status.quantity and status.conditions`;
}

function tokenProblem(one: Case): string | undefined {
  const { node, request, cluster } = one;
  if (request.operation !== 'CREATE') return undefined;
  const { spec } = request.object as unknown as AuthenticationV1TokenRequest;
  const { apiVersion, kind, name, uid } = spec.boundObjectRef ?? {};
  if (apiVersion !== 'v1' || kind !== 'Pod' || !name) return 'node requested token not bound to a pod';
  if (!uid) return 'node requested token with a pod binding without a uid';
  const pod = podOf({ ...request, name }, cluster);
  if (uid !== pod.metadata.uid) {
    return `the UID in the bound object reference (${uid}) does not match the UID in record. The object might have been deleted and then recreated`;
  }
  if (pod.spec.nodeName !== node) return 'node requested token bound to a pod scheduled on a different node';
  return audienceProblem(one, pod, spec.audiences ?? []);
}

/** Kubelets ask for the audiences that volumes of the Pod name, unless a role gives them more. */
function audienceProblem({ request, cluster, may }: Case, pod: Pod, audiences: readonly string[]): string | undefined {
  if (audiences.length > 1) return 'node may only request 0 or 1 audiences';
  const [audience = ''] = audiences;
  const volumes = pod.spec.volumes ?? [];
  if (volumes.some((volume) => mentions(volume, { audience, pod, cluster }))) return undefined;
  const verb = 'request-serviceaccounts-token-audience';
  const { user, name, namespace } = request;
  if (may(user, { verb, group: '', resource: audience, name, namespace })) return undefined;
  return `audience ${quoted(audience)} not found in pod spec volume, ${user.name} is not authorized to request tokens for this audience`;
}

interface Mention {
  audience: string;
  pod: Pod;
  cluster: AdmissionCluster;
}

function mentions(volume: Volume, { audience, pod, cluster }: Mention): boolean {
  const projected = volume.projected?.sources ?? [];
  if (projected.some(({ serviceAccountToken: one }) => one && (one.audience ?? '') === audience)) return true;
  const claimName =
    volume.persistentVolumeClaim?.claimName ?? (volume.ephemeral && `${pod.metadata.name}-${volume.name}`);
  const claim = claimName && cluster.get(PersistentVolumeClaims, `${pod.metadata.namespace}/${claimName}`);
  const bound = claim && cluster.get(PersistentVolumes, claim.spec.volumeName ?? '');
  const driver = volume.csi?.driver ?? (bound ? bound.spec.csi?.driver : undefined);
  const requests = driver ? cluster.get(CSIDrivers, driver)?.spec.tokenRequests : undefined;
  return requests?.some((one) => one.audience === audience) ?? false;
}

function ownByName({ name, operation, object }: AdmissionRequest, node: string, what: string): string | undefined {
  const written = operation === 'CREATE' ? object?.metadata.name : name;
  return written === node
    ? undefined
    : `can only access ${what === 'lease' ? 'node lease' : what} with the same name as the requesting node`;
}

function sliceProblem({ node, request }: Case): string | undefined {
  const slice = (request.object ?? request.oldObject) as unknown as ResourceSlice | undefined;
  if (slice?.spec.nodeName === node) return undefined;
  return request.operation === 'DELETE'
    ? 'can only delete ResourceSlice with the same NodeName as the requesting node'
    : 'can only create ResourceSlice with the same NodeName as the requesting node';
}

const KUBELET_SIGNERS = ['kubernetes.io/kube-apiserver-client-kubelet', 'kubernetes.io/kubelet-serving'];

/** A kubelet asks for certificates in its own name. */
function requestProblem({ node, request }: Case): string | undefined {
  if (request.operation !== 'CREATE' && request.operation !== 'UPDATE') return undefined;
  const { spec } = request.object as unknown as CertificateSigningRequest;
  if (!KUBELET_SIGNERS.includes(spec.signerName)) return undefined;
  try {
    const { commonName } = parseSigningRequest(Buffer.from(spec.request, 'base64').toString('latin1'));
    if (commonName === `${NODE_USER}${node}`) return undefined;
    return `can only create a node CSR with CN=${NODE_USER}${node}`;
  } catch (problem) {
    return `unable to parse csr: ${problem instanceof Error ? problem.message : String(problem)}`;
  }
}
