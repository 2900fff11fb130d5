/** The roles and bindings that a new cluster starts with (the release's bootstrap policy). */
import type { Seed } from './bootstrap';

interface Rule {
  verbs: string[];
  apiGroups?: string[];
  resources?: string[];
  resourceNames?: string[];
  nonResourceURLs?: string[];
}

const READ = ['get', 'list', 'watch'];
const WRITE = ['create', 'delete', 'deletecollection', 'patch', 'update'];
const ALL = [...READ, ...WRITE];

/** `list('apps', 'deployments deployments/scale', READ)`. */
function rule(groups: string, resources: string, verbs: string[]): Rule {
  return {
    apiGroups: groups.split(' ').map((group) => (group === 'core' ? '' : group)),
    resources: resources.split(' '),
    verbs,
  };
}

const paths = (...nonResourceURLs: string[]): Rule => ({ verbs: ['get'], nonResourceURLs });

/** What `view` shows: everything of an application but Secrets. */
const VIEW: Rule[] = [
  rule(
    'core',
    'configmaps endpoints events limitranges namespaces namespaces/status persistentvolumeclaims persistentvolumeclaims/status pods pods/log pods/status replicationcontrollers replicationcontrollers/scale replicationcontrollers/status resourcequotas resourcequotas/status bindings serviceaccounts services services/status',
    READ,
  ),
  rule('discovery.k8s.io', 'endpointslices', READ),
  rule(
    'apps',
    'controllerrevisions daemonsets daemonsets/status deployments deployments/scale deployments/status replicasets replicasets/scale replicasets/status statefulsets statefulsets/scale statefulsets/status',
    READ,
  ),
  rule('autoscaling', 'horizontalpodautoscalers horizontalpodautoscalers/status', READ),
  rule('batch', 'cronjobs cronjobs/status jobs jobs/status', READ),
  rule('policy', 'poddisruptionbudgets poddisruptionbudgets/status', READ),
  rule('networking.k8s.io', 'ingresses ingresses/status networkpolicies', READ),
];

const EDIT: Rule[] = [
  rule('core', 'pods/attach pods/exec pods/portforward pods/proxy secrets services/proxy', READ),
  rule('core', 'serviceaccounts', ['impersonate']),
  rule('core', 'pods pods/attach pods/exec pods/portforward pods/proxy', WRITE),
  rule('core', 'pods/eviction serviceaccounts/token', ['create']),
  rule(
    'core',
    'configmaps events persistentvolumeclaims replicationcontrollers replicationcontrollers/scale secrets serviceaccounts services services/proxy endpoints',
    WRITE,
  ),
  rule(
    'apps',
    'daemonsets deployments deployments/rollback deployments/scale replicasets replicasets/scale statefulsets statefulsets/scale',
    WRITE,
  ),
  rule('autoscaling', 'horizontalpodautoscalers', WRITE),
  rule('batch', 'cronjobs jobs', WRITE),
  rule('policy', 'poddisruptionbudgets', WRITE),
  rule('networking.k8s.io', 'ingresses networkpolicies', WRITE),
  rule('coordination.k8s.io', 'leases', ALL),
];

const ADMIN: Rule[] = [
  rule('authorization.k8s.io', 'localsubjectaccessreviews', ['create']),
  rule('rbac.authorization.k8s.io', 'rolebindings roles', ALL),
];

const DISCOVERY_PATHS = [
  '/api',
  '/api/*',
  '/apis',
  '/apis/*',
  '/healthz',
  '/livez',
  '/openapi',
  '/openapi/*',
  '/readyz',
  '/version',
  '/version/',
];

const NODE: Rule[] = [
  rule('core', 'services nodes pods configmaps secrets persistentvolumeclaims persistentvolumes', READ),
  rule('core', 'nodes nodes/status pods/status persistentvolumeclaims/status', ['create', 'patch', 'update']),
  rule('core', 'pods', ['create', 'delete']),
  rule('core', 'pods/eviction serviceaccounts/token', ['create']),
  rule('core events.k8s.io', 'events', ['create', 'patch', 'update']),
  rule('coordination.k8s.io', 'leases', ['create', 'delete', 'get', 'patch', 'update']),
  rule('authentication.k8s.io', 'tokenreviews', ['create']),
  rule('authorization.k8s.io', 'localsubjectaccessreviews subjectaccessreviews', ['create']),
  rule('storage.k8s.io', 'csidrivers csinodes volumeattachments', READ),
  rule('node.k8s.io', 'runtimeclasses', READ),
];

const SCHEDULER: Rule[] = [
  rule('core events.k8s.io', 'events', ['create', 'patch', 'update']),
  rule('coordination.k8s.io', 'leases', ['create', 'get', 'list', 'update', 'watch']),
  rule('core', 'nodes namespaces pods replicationcontrollers services persistentvolumeclaims persistentvolumes', READ),
  rule('core', 'pods', ['delete']),
  rule('core', 'bindings pods/binding', ['create']),
  rule('core', 'pods/status', ['patch', 'update']),
  rule('apps', 'replicasets statefulsets', READ),
  rule('policy', 'poddisruptionbudgets', READ),
  rule('core', 'persistentvolumeclaims persistentvolumes', ['patch', 'update']),
  rule('storage.k8s.io', 'csidrivers csinodes csistoragecapacities storageclasses volumeattachments', READ),
];

const SELF_REVIEWS: Rule[] = [
  rule('authorization.k8s.io', 'selfsubjectaccessreviews selfsubjectrulesreviews', ['create']),
  rule('authentication.k8s.io', 'selfsubjectreviews', ['create']),
];

const EVERYTHING: Rule[] = [
  { apiGroups: ['*'], resources: ['*'], verbs: ['*'] },
  { nonResourceURLs: ['*'], verbs: ['*'] },
];

/** By name; the aggregated three carry the rules of those below them. */
const CLUSTER_ROLES: readonly [name: string, rules: Rule[], aggregatesTo?: string][] = [
  ['cluster-admin', EVERYTHING],
  ['admin', [...ADMIN, ...EDIT, ...VIEW]],
  ['edit', [...EDIT, ...VIEW], 'admin'],
  ['view', VIEW, 'edit'],
  ['system:aggregate-to-admin', ADMIN, 'admin'],
  ['system:aggregate-to-edit', EDIT, 'edit'],
  ['system:aggregate-to-view', VIEW, 'view'],
  ['system:discovery', [paths(...DISCOVERY_PATHS)]],
  ['system:public-info-viewer', [paths('/healthz', '/livez', '/readyz', '/version', '/version/')]],
  [
    'system:monitoring',
    [paths('/metrics', '/metrics/slis', '/livez', '/readyz', '/healthz', '/livez/*', '/readyz/*', '/healthz/*')],
  ],
  ['system:basic-user', SELF_REVIEWS],
  ['system:node', NODE],
  ['system:kube-scheduler', SCHEDULER],
  ['system:kube-controller-manager', EVERYTHING],
  ['system:service-account-issuer-discovery', [paths('/.well-known/openid-configuration', '/openid/v1/jwks')]],
];

const BINDINGS: readonly [role: string, kind: 'Group' | 'User', subject: string][] = [
  ['cluster-admin', 'Group', 'system:masters'],
  ['system:discovery', 'Group', 'system:authenticated'],
  ['system:basic-user', 'Group', 'system:authenticated'],
  ['system:monitoring', 'Group', 'system:monitoring'],
  ['system:node', 'Group', 'system:nodes'],
  ['system:kube-scheduler', 'User', 'system:kube-scheduler'],
  ['system:kube-controller-manager', 'User', 'system:kube-controller-manager'],
  ['system:service-account-issuer-discovery', 'Group', 'system:serviceaccounts'],
];

const LABELS = { 'kubernetes.io/bootstrapping': 'rbac-defaults' };
const annotations = { 'rbac.authorization.kubernetes.io/autoupdate': 'true' };
const AGGREGATED = ['admin', 'edit', 'view'];

export function bootstrapRoles(): Record<'clusterRoles' | 'clusterRoleBindings' | 'roles' | 'roleBindings', Seed[]> {
  return {
    clusterRoles: CLUSTER_ROLES.map(([name, rules, target]) => clusterRole(name, rules, target)),
    clusterRoleBindings: [
      ...BINDINGS.map(([role, kind, subject]) => clusterRoleBinding(role, [{ kind, name: subject }])),
      clusterRoleBinding('system:public-info-viewer', [
        { kind: 'Group', name: 'system:authenticated' },
        { kind: 'Group', name: 'system:unauthenticated' },
      ]),
    ],
    roles: [
      {
        metadata: meta('extension-apiserver-authentication-reader', {}, 'kube-system'),
        rules: [{ ...rule('core', 'configmaps', READ), resourceNames: ['extension-apiserver-authentication'] }],
      },
    ],
    roleBindings: [],
  };
}

function clusterRole(name: string, rules: Rule[], aggregatesTo?: string): Seed {
  const label = aggregatesTo ? { [`rbac.authorization.k8s.io/aggregate-to-${aggregatesTo}`]: 'true' } : {};
  const selector = { matchLabels: { [`rbac.authorization.k8s.io/aggregate-to-${name}`]: 'true' } };
  const aggregationRule = AGGREGATED.includes(name) ? { aggregationRule: { clusterRoleSelectors: [selector] } } : {};
  return { metadata: meta(name, label), ...aggregationRule, rules };
}

interface SubjectSeed {
  kind: string;
  name: string;
}

function clusterRoleBinding(role: string, subjects: SubjectSeed[]): Seed {
  const apiGroup = 'rbac.authorization.k8s.io';
  return {
    metadata: meta(role, {}),
    roleRef: { apiGroup, kind: 'ClusterRole', name: role },
    subjects: subjects.map((subject) => ({ apiGroup, ...subject })),
  };
}

function meta(name: string, labels: Record<string, string>, namespace?: string): Seed['metadata'] {
  const metadata = { name, labels: { ...LABELS, ...labels }, annotations, ...(namespace ? { namespace } : {}) };
  return metadata;
}
