/** The Node authorizer: a kubelet reaches what belongs to its own node, and what Pods there need. */
import type { PolicyRule } from '#common/kube/types';
import type { AccessAttributes, Verdict } from './attributes';
import { isNeededOn, type NodeSource, type NeededKind } from './node-needs';
import { allows } from './rbac';

export type { NodeSource };

const NODES = 'system:nodes';
const NODE_USER = 'system:node:';
const LEASE_NAMESPACE = 'kube-node-lease';

/** The node whose kubelet this is; undefined for others. */
export function nodeNameOf({ name, groups }: AccessAttributes['user']): string | undefined {
  return name.startsWith(NODE_USER) && groups.includes(NODES) ? name.slice(NODE_USER.length) : undefined;
}

const YES: Verdict = { allowed: true, reason: '' };
const no = (reason = ''): Verdict => ({ allowed: false, reason });

interface Question {
  node: string;
  about: AccessAttributes;
  objects: NodeSource;
}

export function nodeVerdict(about: AccessAttributes, objects: NodeSource, rules: readonly PolicyRule[]): Verdict {
  const node = nodeNameOf(about.user);
  if (node === undefined) return no();
  if (node === '') return no(`unknown node for user ${JSON.stringify(about.user.name)}`);
  const judge = about.path === undefined ? JUDGES[resourceOf(about)] : undefined;
  if (judge) return judge({ node, about, objects });
  return rules.some((rule) => allows(rule, about)) ? YES : no();
}

const resourceOf = ({ group, resource }: AccessAttributes): string => (group ? `${resource}.${group}` : resource);

const JUDGES: Readonly<Record<string, (question: Question) => Verdict>> = {
  secrets: (question) => readable(question, 'Secret'),
  configmaps: (question) => readable(question, 'ConfigMap'),
  serviceaccounts: serviceAccount,
  persistentvolumeclaims: (question) =>
    question.about.subresource === 'status' ? statusOfClaim(question) : gettable(question, 'PersistentVolumeClaim'),
  persistentvolumes: (question) => gettable(question, 'PersistentVolume'),
  'resourceclaims.resource.k8s.io': (question) => gettable(question, 'ResourceClaim'),
  'volumeattachments.storage.k8s.io': (question) => gettable(question, 'VolumeAttachment'),
  'leases.coordination.k8s.io': lease,
  'csinodes.storage.k8s.io': csiNode,
  'resourceslices.resource.k8s.io': resourceSlice,
  nodes: ownNode,
  pods: podsOfNode,
};

/** What concerns the node by name. */
function needed({ node, about, objects }: Question, kind: NeededKind): Verdict {
  if (!about.name) return no('No Object name found');
  if (isNeededOn(node, { kind, namespace: about.namespace, name: about.name }, objects)) return YES;
  return no(`no relationship found between node '${node}' and this object`);
}

function readable(question: Question, kind: NeededKind): Verdict {
  const { verb, subresource, namespace } = question.about;
  if (!['get', 'list', 'watch'].includes(verb)) return no('can only read resources of this type');
  if (subresource) return no('cannot read subresource');
  if (!namespace) return no('can only read namespaced object of this type');
  return needed(question, kind);
}

function gettable(question: Question, kind: NeededKind): Verdict {
  const { verb, subresource } = question.about;
  if (verb !== 'get') return no('can only get individual resources of this type');
  if (subresource) return no('cannot get subresource');
  return needed(question, kind);
}

function statusOfClaim(question: Question): Verdict {
  if (!['update', 'patch'].includes(question.about.verb)) return no('can only get/update/patch this type');
  return needed(question, 'PersistentVolumeClaim');
}

function serviceAccount(question: Question): Verdict {
  const { verb, subresource, name } = question.about;
  if (verb === 'get' && !subresource) return readable(question, 'ServiceAccount');
  if (verb !== 'create' || !name) return no('can only create tokens for individual service accounts');
  if (subresource !== 'token') return no('can only create token subresource of serviceaccount');
  return needed(question, 'ServiceAccount');
}

const OWN_VERBS = ['get', 'create', 'update', 'patch', 'delete'];

function lease({ node, about }: Question): Verdict {
  if (!OWN_VERBS.includes(about.verb)) return no('can only get, create, update, patch, or delete a node lease');
  if (about.namespace !== LEASE_NAMESPACE)
    return no(`can only access leases in the ${JSON.stringify(LEASE_NAMESPACE)} system namespace`);
  // The name of what is created is known to admission only.
  if (about.verb !== 'create' && about.name !== node)
    return no('can only access node lease with the same name as the requesting node');
  return YES;
}

function csiNode({ node, about }: Question): Verdict {
  if (!OWN_VERBS.includes(about.verb)) return no('can only get, create, update, patch, or delete a CSINode');
  if (about.subresource) return no('cannot authorize CSINode subresources');
  if (about.verb !== 'create' && about.name !== node)
    return no('can only access CSINode with the same name as the requesting node');
  return YES;
}

function resourceSlice(question: Question): Verdict {
  const { node, about } = question;
  if (about.subresource) return no('cannot authorize ResourceSlice subresources');
  switch (about.verb) {
    case 'create':
      return YES;
    case 'get':
    case 'update':
    case 'patch':
    case 'delete':
      return needed(question, 'ResourceSlice');
    case 'watch':
    case 'list':
    case 'deletecollection':
      if (about.fields?.['spec.nodeName'] === node) return YES;
      return no('can only list/watch/deletecollection resourceslices with nodeName field selector');
    default:
      return no(
        'only the following verbs are allowed for a ResourceSlice: get, watch, list, create, update, patch, delete, deletecollection',
      );
  }
}

/** Which node is written is looked at by the NodeRestriction admission plugin. */
function ownNode({ node, about: { verb, subresource, name } }: Question): Verdict {
  if (subresource === 'status') return ['update', 'patch'].includes(verb) ? YES : no();
  if (subresource) return no();
  if (['create', 'update', 'patch'].includes(verb)) return YES;
  if (!['get', 'list', 'watch'].includes(verb)) return no();
  if (name === node) return YES;
  if (!name) return no(`node '${node}' cannot read all nodes, only its own Node object`);
  return no(`node '${node}' cannot read '${name}', only its own Node object`);
}

function podsOfNode(question: Question): Verdict {
  const { node, about } = question;
  const { verb, subresource, name } = about;
  if (subresource === 'status') return ['update', 'patch'].includes(verb) ? YES : no();
  if (subresource === 'eviction') return verb === 'create' ? YES : no();
  if (subresource) return no();
  if (verb === 'create' || verb === 'delete') return YES;
  if (verb === 'get') return gettable(question, 'Pod');
  if (verb !== 'list' && verb !== 'watch') return no();
  if (about.fields?.['spec.nodeName'] === node) return YES;
  if (name) return needed(question, 'Pod');
  return no('can only list/watch pods with spec.nodeName field selector');
}
