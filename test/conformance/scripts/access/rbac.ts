import type { Exchange } from '../../exchange';
import { accessScript, as, get, merge, post, put, remove, table, tried } from './steps';

/** Roles and bindings: their rules, what may be granted by whom, and what comes out of it. */

const GROUP = 'rbac.authorization.k8s.io';
const RBAC = `/apis/${GROUP}/v1`;
const ROLES = `${RBAC}/namespaces/{ns}/roles`;
const BINDINGS = `${RBAC}/namespaces/{ns}/rolebindings`;
const CLUSTER_ROLES = `${RBAC}/clusterroles`;
const CLUSTER_BINDINGS = `${RBAC}/clusterrolebindings`;
const REVIEWS = '/apis/authorization.k8s.io/v1';

const readPods = { apiGroups: [''], resources: ['pods'], verbs: ['get', 'list'] };
const role = (rules: unknown, name = 'wrong', more: object = {}) => ({ metadata: { name }, rules, ...more });
const roleRef = (name: string, kind = 'Role') => ({ apiGroup: GROUP, kind, name });
const binding = (fields: object, name = 'wrong') => ({ metadata: { name }, roleRef: roleRef('reader'), ...fields });
const user = (name: string) => ({ kind: 'User', apiGroup: GROUP, name });

const WRONG_RULES: Readonly<Record<string, object>> = {
  'no-verbs': { apiGroups: [''], resources: ['pods'], verbs: [] },
  'missing-verbs': { apiGroups: [''], resources: ['pods'] },
  'no-groups': { resources: ['pods'], verbs: ['get'] },
  'no-resources': { apiGroups: [''], verbs: ['get'] },
  'paths-too': { apiGroups: [''], resources: ['pods'], nonResourceURLs: ['/healthz'], verbs: ['get'] },
  paths: { nonResourceURLs: ['/healthz'], verbs: ['get'] },
  nothing: {},
};

const wrongRules = (path: string, kind: string): Exchange[] =>
  Object.entries(WRONG_RULES).map(([name, rule]) => tried(`${kind}-${name}`, path, role([rule])));

const subjects = (...all: object[]) => binding({ subjects: all });

const WRONG_BINDINGS: Readonly<Record<string, object>> = {
  'no-role': binding({ roleRef: undefined }),
  'empty-role': binding({ roleRef: {} }),
  'role-group': binding({ roleRef: { apiGroup: 'apps', kind: 'Role', name: 'reader' } }),
  'role-kind': binding({ roleRef: { apiGroup: GROUP, kind: 'Pod', name: 'reader' } }),
  'role-name': binding({ roleRef: { apiGroup: GROUP, kind: 'ClusterRole', name: 'a/b' } }),
  'subject-kind': subjects({ kind: 'Robot', name: 'r2' }),
  'subject-without-kind': subjects({ name: 'r2' }),
  'subject-without-name': subjects({ kind: 'User', apiGroup: GROUP }),
  'subject-group': subjects({ kind: 'User', apiGroup: 'apps', name: 'a' }),
  'account-group': subjects({ kind: 'ServiceAccount', apiGroup: GROUP, name: 'a', namespace: 'b' }),
  'account-name': subjects({ kind: 'ServiceAccount', name: 'A_b', namespace: 'b' }),
  'account-without-namespace': subjects({ kind: 'ServiceAccount', name: 'a' }),
  'no-subjects': binding({}),
};

const wrongBindings = (path: string, kind: string): Exchange[] =>
  Object.entries(WRONG_BINDINGS).map(([name, body]) => tried(`${kind}-${name}`, path, body));

const rules = accessScript('rbac-rules', GROUP, 'Role', [
  ...wrongRules(ROLES, 'role'),
  ...wrongRules(CLUSTER_ROLES, 'clusterrole'),
  tried('aggregation-empty', CLUSTER_ROLES, role(null, 'wrong', { aggregationRule: {} })),
  tried(
    'aggregation-selector',
    CLUSTER_ROLES,
    role(null, 'wrong', { aggregationRule: { clusterRoleSelectors: [{ matchLabels: { 'a b': 'c d' } }] } }),
  ),
  tried(
    'aggregation-operator',
    CLUSTER_ROLES,
    role(null, 'wrong', {
      aggregationRule: { clusterRoleSelectors: [{ matchExpressions: [{ key: 'a', operator: 'Near' }] }] },
    }),
  ),
  tried('role-name', ROLES, role([readPods], 'a%b')),
  tried('role-name-dots', ROLES, role([readPods], '..')),
  tried('role-name-free', ROLES, role([readPods], 'System:Free Name')),
  ...wrongBindings(BINDINGS, 'binding'),
  ...wrongBindings(CLUSTER_BINDINGS, 'clusterbinding'),
  post('reader', ROLES, role([readPods], 'reader')),
  post('bound', BINDINGS, binding({ subjects: [user('jane'), { kind: 'ServiceAccount', name: 'robot' }] }, 'bound')),
  put('change-role', `${BINDINGS}/bound`, binding({ roleRef: roleRef('view', 'ClusterRole') }, 'bound')),
  merge('add-subject', `${BINDINGS}/bound`, { subjects: [user('jane'), user('joe')] }),
  merge('no-verbs-now', `${ROLES}/reader`, { rules: [{ ...readPods, verbs: [] }] }),
  table('roles-table', `${ROLES}/reader`),
  table('bindings-table', `${BINDINGS}/bound`),
  put('made-by-put', `${ROLES}/made`, role([readPods], 'made')),
]);

const manage = { apiGroups: [GROUP], resources: ['*'], verbs: ['create', 'update', 'patch', 'get'] };
const secrets = { apiGroups: [''], resources: ['secrets'], verbs: ['get', 'list', 'delete'] };

const escalation = accessScript('rbac-escalation', GROUP, 'RoleBinding', [
  post('manager-role', CLUSTER_ROLES, role([manage], '{ns}-manager')),
  post('manager', CLUSTER_BINDINGS, {
    metadata: { name: '{ns}-manager' },
    roleRef: roleRef('{ns}-manager', 'ClusterRole'),
    subjects: [user('manager')],
  }),
  post('reader', ROLES, role([readPods], 'reader')),
  post('reads', BINDINGS, binding({ subjects: [user('manager')] }, 'reads')),
  as('manager', tried('role-more', ROLES, role([readPods, secrets], 'more'))),
  as('manager', tried('role-names', ROLES, role([{ ...secrets, resourceNames: ['a', 'b'] }], 'more'))),
  as('manager', tried('role-subresource', ROLES, role([{ ...readPods, resources: ['pods/log'] }], 'more'))),
  as('manager', tried('role-same', ROLES, role([readPods], 'same'))),
  as('manager', tried('role-wrong-and-more', ROLES, role([{ ...secrets, apiGroups: [] }], 'wrong'))),
  as('manager', tried('role-paths', CLUSTER_ROLES, role([{ nonResourceURLs: ['/metrics'], verbs: ['get'] }], 'paths'))),
  as(
    'manager',
    tried('role-everything', CLUSTER_ROLES, role([{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }], 'all')),
  ),
  as(
    'manager',
    tried(
      'aggregation',
      CLUSTER_ROLES,
      role(null, 'gathers', { aggregationRule: { clusterRoleSelectors: [{ matchLabels: { a: 'b' } }] } }),
    ),
  ),
  as('manager', merge('role-updated', `${ROLES}/reader`, { rules: [readPods, secrets] })),
  as('manager', merge('role-labelled', `${ROLES}/reader`, { metadata: { labels: { a: 'b' } } })),
  as('manager', tried('bind-cluster-admin', BINDINGS, binding({ roleRef: roleRef('cluster-admin', 'ClusterRole') }))),
  as('manager', tried('bind-view', BINDINGS, binding({ roleRef: roleRef('system:monitoring', 'ClusterRole') }))),
  as('manager', tried('bind-nothing', BINDINGS, binding({ roleRef: roleRef('missing') }))),
  as(
    'manager',
    tried('bind-no-cluster-role', CLUSTER_BINDINGS, binding({ roleRef: roleRef('missing', 'ClusterRole') })),
  ),
  as('manager', tried('bind-own', BINDINGS, binding({ subjects: [user('jane')] }, 'own'))),
  as('manager', tried('bind-kind', BINDINGS, binding({ roleRef: roleRef('missing', 'Thing') }))),
  post(
    'binder-role',
    ROLES,
    role(
      [{ apiGroups: [GROUP], resources: ['clusterroles'], verbs: ['bind'], resourceNames: ['cluster-admin'] }],
      'binder',
    ),
  ),
  post('binder', BINDINGS, binding({ roleRef: roleRef('binder'), subjects: [user('manager')] }, 'binder')),
  as('manager', tried('bind-allowed', BINDINGS, binding({ roleRef: roleRef('cluster-admin', 'ClusterRole') }))),
  as(
    'manager',
    tried('bind-cluster-wide', CLUSTER_BINDINGS, binding({ roleRef: roleRef('cluster-admin', 'ClusterRole') })),
  ),
  post('escalator-role', ROLES, role([{ apiGroups: [GROUP], resources: ['roles'], verbs: ['escalate'] }], 'escalator')),
  post('escalator', BINDINGS, binding({ roleRef: roleRef('escalator'), subjects: [user('manager')] }, 'escalator')),
  as('manager', tried('escalate-allowed', ROLES, role([secrets], 'more'))),
  post('dangling', BINDINGS, binding({ roleRef: roleRef('gone'), subjects: [user('lost')] }, 'dangling')),
  as('lost', get('refused-with-reason', '/api/v1/namespaces/{ns}/pods')),
  as('lost', get('refused-elsewhere', '/api/v1/nodes')),
  as('lost', tried('rules-review', `${REVIEWS}/selfsubjectrulesreviews`, { spec: { namespace: '{ns}' } })),
  as('manager', post('manager-rules', `${REVIEWS}/selfsubjectrulesreviews`, { spec: { namespace: '{ns}' } })),
  remove('manager-gone', `${CLUSTER_BINDINGS}/{ns}-manager`),
  remove('manager-role-gone', `${CLUSTER_ROLES}/{ns}-manager`),
]);

const review = (name: string, spec: object, kind = 'subjectaccessreviews'): Exchange =>
  post(name, `${REVIEWS}/${kind}`, { spec });
const pods = { namespace: '{ns}', verb: 'get', resource: 'pods' };

const reviews = accessScript('reviews', 'authorization.k8s.io', 'SubjectAccessReview', [
  review('masters', { user: 'x', groups: ['system:masters'], resourceAttributes: pods }),
  review('node-of-nobody', { user: 'system:node:a', groups: ['system:nodes'], resourceAttributes: pods }),
  review('path', { user: 'x', groups: ['system:authenticated'], nonResourceAttributes: { path: '/api', verb: 'get' } }),
  review('path-refused', { user: 'x', nonResourceAttributes: { path: '/metrics', verb: 'get' } }),
  review('both', { user: 'x', nonResourceAttributes: { path: '/a' }, resourceAttributes: pods }),
  review('neither', { user: 'x' }),
  review('nobody', { resourceAttributes: pods }),
  review('field-selector', {
    user: 'x',
    resourceAttributes: {
      ...pods,
      fieldSelector: { requirements: [{ key: 'spec.nodeName', operator: 'In', values: ['a'] }] },
    },
  }),
  review('field-selector-raw', { user: 'x', resourceAttributes: { ...pods, fieldSelector: { rawSelector: 'a=b' } } }),
  review('field-selector-both', {
    user: 'x',
    resourceAttributes: {
      ...pods,
      fieldSelector: { rawSelector: 'a=b', requirements: [{ key: 'a', operator: 'Exists' }] },
    },
  }),
  review('field-selector-wrong', {
    user: 'x',
    resourceAttributes: { ...pods, fieldSelector: { requirements: [{ key: '', operator: 'Near', values: ['a'] }] } },
  }),
  review('label-selector-wrong', {
    user: 'x',
    resourceAttributes: { ...pods, labelSelector: { requirements: [{ key: 'a b', operator: 'In' }] } },
  }),
  review('self-neither', {}, 'selfsubjectaccessreviews'),
  review('self', { resourceAttributes: pods }, 'selfsubjectaccessreviews'),
  review('rules-without-namespace', {}, 'selfsubjectrulesreviews'),
  review('rules-of-the-admin', { namespace: '{ns}' }, 'selfsubjectrulesreviews'),
  post('local', `${REVIEWS}/namespaces/{ns}/localsubjectaccessreviews`, {
    spec: { user: 'x', resourceAttributes: pods },
  }),
  post('local-elsewhere', `${REVIEWS}/namespaces/{ns}/localsubjectaccessreviews`, {
    spec: { user: 'x', resourceAttributes: { ...pods, namespace: 'default' } },
  }),
  post('local-path', `${REVIEWS}/namespaces/{ns}/localsubjectaccessreviews`, {
    spec: { user: 'x', nonResourceAttributes: { path: '/a', verb: 'get' } },
  }),
  post('local-nobody', `${REVIEWS}/namespaces/{ns}/localsubjectaccessreviews`, { spec: { resourceAttributes: pods } }),
  post('named', `${REVIEWS}/subjectaccessreviews`, {
    metadata: { name: 'a', namespace: 'b' },
    spec: { user: 'x', resourceAttributes: pods },
  }),
]);

const BOOTSTRAP = [
  'cluster-admin',
  'view',
  'system:node',
  'system:basic-user',
  'system:kube-controller-manager',
  'system:controller:job-controller',
];

const policy = accessScript('bootstrap-policy', GROUP, 'ClusterRole', [
  ...BOOTSTRAP.map((name, at) => get(`role-${at}`, `${CLUSTER_ROLES}/${encodeURIComponent(name)}`)),
  table('cluster-roles-table', `${CLUSTER_ROLES}?labelSelector=kubernetes.io%2Fbootstrapping`),
  table('cluster-role-bindings-table', `${CLUSTER_BINDINGS}?labelSelector=kubernetes.io%2Fbootstrapping`),
  table('roles-whole-table', `${RBAC}/roles?labelSelector=kubernetes.io%2Fbootstrapping`),
  table('role-bindings-table', `${RBAC}/rolebindings?labelSelector=kubernetes.io%2Fbootstrapping`),
  get('flow-schema', '/apis/flowcontrol.apiserver.k8s.io/v1/flowschemas/probes'),
  table('flow-schemas-table', '/apis/flowcontrol.apiserver.k8s.io/v1/flowschemas'),
  get('priority-level', '/apis/flowcontrol.apiserver.k8s.io/v1/prioritylevelconfigurations/workload-low'),
  table('priority-levels-table', '/apis/flowcontrol.apiserver.k8s.io/v1/prioritylevelconfigurations'),
  get('priority-class', '/apis/scheduling.k8s.io/v1/priorityclasses/system-node-critical'),
]);

export const rbacScripts = [rules, escalation, reviews, policy];
