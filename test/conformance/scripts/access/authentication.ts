import type { Exchange } from '../../exchange';
import { accessScript, get, merge, post, remove, tried } from './steps';

/** Who is asking: tokens of every kind, their reviews, and who speaks for others. */

const ACCOUNTS = '/api/v1/namespaces/{ns}/serviceaccounts';
const SECRETS = '/api/v1/namespaces/kube-system/secrets';
const TOKEN = `${ACCOUNTS}/robot/token`;
const REVIEWS = '/apis/authentication.k8s.io/v1/tokenreviews';
const WHO = '/apis/authentication.k8s.io/v1/selfsubjectreviews';
const RBAC = '/apis/rbac.authorization.k8s.io/v1';
const ISSUER = 'https://kubernetes.default.svc.cluster.local';

const bearer = (token: string, exchange: Exchange, values: Record<string, string> = {}): Exchange => ({
  ...exchange,
  headers: { ...exchange.headers, authorization: `Bearer ${token}` },
  with: { ...exchange.with, ...values },
  counts: { verb: 'access', detail: 'by token' },
});
const whoAmI = (name: string) => post(name, WHO, {});
const review = (name: string, from: string, more: object = {}): Exchange => ({
  ...post(name, REVIEWS, { spec: { token: '{token}', ...more } }),
  with: { token: from },
});
const request = (name: string, spec: object, metadata: object = {}) => post(name, TOKEN, { metadata, spec });
const reference = (kind: string, name: string, more: object = {}) => ({
  boundObjectRef: { apiVersion: 'v1', kind, name, ...more },
});

const accountTokens = accessScript('account-tokens', 'authentication.k8s.io', 'TokenRequest', [
  post('robot', ACCOUNTS, { metadata: { name: 'robot' } }),
  post('pod', '/api/v1/namespaces/{ns}/pods', {
    metadata: { name: 'pod' },
    spec: { serviceAccountName: 'robot', containers: [{ name: 'a', image: 'x' }] },
  }),
  post('other-pod', '/api/v1/namespaces/{ns}/pods', {
    metadata: { name: 'other' },
    spec: { containers: [{ name: 'a', image: 'x' }] },
  }),
  post('node', '/api/v1/nodes', { metadata: { name: '{ns}-node' } }),
  post('secret', '/api/v1/namespaces/{ns}/secrets', { metadata: { name: 'anchor' } }),
  request('plain', {}),
  request('fresh', {}),
  request('for-others', { audiences: ['elsewhere', 'somewhere'] }),
  request('for-both', { audiences: ['elsewhere', ISSUER] }),
  request('too-short', { expirationSeconds: 599 }),
  request('too-long', { expirationSeconds: 4_294_967_297 }),
  request('bound-to-pod', { expirationSeconds: 3607, ...reference('Pod', 'pod') }),
  request('bound-to-other-pod', reference('Pod', 'other')),
  request('bound-to-missing-pod', reference('Pod', 'missing')),
  request('bound-to-wrong-uid', reference('Pod', 'pod', { uid: 'wrong' })),
  request('bound-to-node', reference('Node', '{ns}-node')),
  request('bound-to-node-too', reference('Node', '{ns}-node')),
  request('bound-to-secret', reference('Secret', 'anchor')),
  request('bound-to-missing-secret', reference('Secret', 'missing')),
  request('bound-to-map', reference('ConfigMap', 'a')),
  request('bound-to-deployment', { boundObjectRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'a' } }),
  request('other-name', {}, { name: 'wrong' }),
  request('other-namespace', {}, { namespace: 'wrong' }),
  request('other-uid', {}, { uid: 'wrong' }),
  post('no-account', `${ACCOUNTS}/missing/token`, { spec: {} }),
  bearer('{token}', whoAmI('who-plain'), { token: 'plain.status.token' }),
  bearer('{token}', whoAmI('who-pod'), { token: 'bound-to-pod.status.token' }),
  bearer('{token}', whoAmI('who-node'), { token: 'bound-to-node.status.token' }),
  bearer('{token}', whoAmI('who-elsewhere'), { token: 'for-others.status.token' }),
  bearer('{token}x', whoAmI('who-forged'), { token: 'plain.status.token' }),
  bearer('nonsense', whoAmI('who-nonsense')),
  bearer('{token}', get('refused', '/api/v1/namespaces/{ns}/pods'), { token: 'plain.status.token' }),
  review('review-plain', 'plain.status.token'),
  review('review-pod', 'bound-to-pod.status.token'),
  review('review-for-others', 'for-others.status.token', { audiences: ['elsewhere', 'nowhere'] }),
  review('review-wrong-audience', 'plain.status.token', { audiences: ['elsewhere'] }),
  review('review-both', 'for-both.status.token', { audiences: ['elsewhere', ISSUER] }),
  post('review-empty', REVIEWS, { spec: {} }),
  post('review-nonsense', REVIEWS, { spec: { token: 'a.b.c' } }),
  remove('anchor-gone', '/api/v1/namespaces/{ns}/secrets/anchor'),
  review('review-unbound', 'bound-to-secret.status.token'),
  bearer('{token}', whoAmI('who-unbound'), { token: 'bound-to-secret.status.token' }),
  remove('node-gone', '/api/v1/nodes/{ns}-node'),
  review('review-lost-node', 'bound-to-node-too.status.token'),
  remove('robot-gone', `${ACCOUNTS}/robot`),
  // A real server remembers for ten seconds whom a token spoke for: this one was not seen before.
  review('review-lost-account', 'fresh.status.token'),
]);

const SECRET_TOKEN = 'abcdef.0123456789abcdef';
const bootstrapSecret = (id: string, more: Record<string, string> = {}) => ({
  metadata: { name: `bootstrap-token-${id}` },
  type: 'bootstrap.kubernetes.io/token',
  stringData: {
    'token-id': id,
    'token-secret': '0123456789abcdef',
    'usage-bootstrap-authentication': 'true',
    ...more,
  },
});

const bootstrap = accessScript('bootstrap-tokens', '', 'Secret', [
  bearer(SECRET_TOKEN, whoAmI('before')),
  post(
    'token',
    SECRETS,
    bootstrapSecret('abcdef', { 'auth-extra-groups': 'system:bootstrappers:kubeadm:default-node-token' }),
  ),
  bearer(SECRET_TOKEN, whoAmI('joins')),
  bearer('abcdef.0123456789abcdee', whoAmI('wrong-secret')),
  post('review', REVIEWS, { spec: { token: SECRET_TOKEN } }),
  // A real server remembers for ten seconds whom a token spoke for: each of these is seen once.
  post('ended', SECRETS, bootstrapSecret('endend', { expiration: '2020-01-01T00:00:00Z' })),
  bearer('endend.0123456789abcdef', whoAmI('too-late')),
  post('still-good', SECRETS, bootstrapSecret('goodgo', { expiration: '2099-01-01T00:00:00Z' })),
  bearer('goodgo.0123456789abcdef', whoAmI('in-time')),
  post('not-for-this', SECRETS, bootstrapSecret('notfor', { 'usage-bootstrap-authentication': 'false' })),
  bearer('notfor.0123456789abcdef', whoAmI('not-for-authentication')),
  post('wrong-groups', SECRETS, bootstrapSecret('ghijkl', { 'auth-extra-groups': 'admins' })),
  bearer('ghijkl.0123456789abcdef', whoAmI('in-no-group')),
  post('no-groups', SECRETS, bootstrapSecret('mnopqr')),
  bearer('mnopqr.0123456789abcdef', whoAmI('in-the-usual-group')),
  ...['abcdef', 'endend', 'goodgo', 'notfor', 'ghijkl', 'mnopqr'].map((id) =>
    remove(`${id}-gone`, `${SECRETS}/bootstrap-token-${id}`),
  ),
]);

const speaking = (name: string, headers: Record<string, string>, exchange = whoAmI(name)): Exchange => ({
  ...exchange,
  headers,
  counts: { verb: 'access', detail: 'impersonation' },
});
const AS = 'impersonate-user';
const GROUP = 'impersonate-group';
const grant = (name: string, rules: object[]): Exchange[] => [
  post(`${name}-role`, `${RBAC}/clusterroles`, { metadata: { name: `{ns}-${name}` }, rules }),
  post(`${name}-binding`, `${RBAC}/clusterrolebindings`, {
    metadata: { name: `{ns}-${name}` },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: `{ns}-${name}` },
    subjects: [{ kind: 'ServiceAccount', namespace: '{ns}', name: 'speaker' }],
  }),
];
const rule = (group: string, resource: string, names?: string[]) => ({
  apiGroups: [group],
  resources: [resource],
  verbs: ['impersonate'],
  ...(names ? { resourceNames: names } : {}),
});
const spoken = (name: string, headers: Record<string, string>): Exchange =>
  bearer('{token}', { ...whoAmI(name), headers }, { token: 'speaker-token.status.token' });

const impersonation = accessScript('impersonation', 'authentication.k8s.io', 'SelfSubjectReview', [
  speaking('a-user', { [AS]: 'jane' }),
  speaking('with-groups', { [AS]: 'jane', [GROUP]: 'dev' }),
  speaking('with-everything', {
    [AS]: 'jane',
    [GROUP]: 'dev',
    'impersonate-uid': '7',
    'impersonate-extra-scope': 'all',
    'impersonate-extra-acme.com%2fproject': 'x',
  }),
  speaking('an-account', { [AS]: 'system:serviceaccount:{ns}:robot' }),
  speaking('an-account-with-groups', { [AS]: 'system:serviceaccount:{ns}:robot', [GROUP]: 'dev' }),
  speaking('an-account-of-no-form', { [AS]: 'system:serviceaccount:robot' }),
  speaking('anonymous', { [AS]: 'system:anonymous' }),
  speaking('unauthenticated', { [AS]: 'jane', [GROUP]: 'system:unauthenticated' }),
  speaking('masters', { [AS]: 'jane', [GROUP]: 'system:masters' }),
  speaking('groups-alone', { [GROUP]: 'dev' }),
  speaking('uid-alone', { 'impersonate-uid': '7' }),
  speaking('extra-alone', { 'impersonate-extra-scope': 'all' }),
  speaking('a-node', { [AS]: 'system:node:one', [GROUP]: 'system:nodes' }),
  post('speaker', ACCOUNTS, { metadata: { name: 'speaker' } }),
  post('speaker-token', `${ACCOUNTS}/speaker/token`, { spec: {} }),
  spoken('refused-user', { [AS]: 'jane' }),
  spoken('refused-account', { [AS]: 'system:serviceaccount:{ns}:robot' }),
  ...grant('users', [rule('', 'users', ['jane'])]),
  spoken('allowed-user', { [AS]: 'jane' }),
  spoken('refused-other-user', { [AS]: 'joe' }),
  spoken('refused-group', { [AS]: 'jane', [GROUP]: 'dev' }),
  spoken('refused-uid', { [AS]: 'jane', 'impersonate-uid': '7' }),
  spoken('refused-extra', { [AS]: 'jane', 'impersonate-extra-scope': 'all' }),
  ...grant('groups', [
    rule('', 'groups', ['dev']),
    rule('authentication.k8s.io', 'uids'),
    rule('authentication.k8s.io', 'userextras/scope', ['all']),
  ]),
  spoken('allowed-group', { [AS]: 'jane', [GROUP]: 'dev' }),
  spoken('allowed-uid', { [AS]: 'jane', 'impersonate-uid': '7' }),
  spoken('allowed-extra', { [AS]: 'jane', 'impersonate-extra-scope': 'all' }),
  spoken('refused-extra-value', { [AS]: 'jane', 'impersonate-extra-scope': 'none' }),
  ...['users', 'groups'].flatMap((name) => [
    remove(`${name}-unbound`, `${RBAC}/clusterrolebindings/{ns}-${name}`),
    remove(`${name}-gone`, `${RBAC}/clusterroles/{ns}-${name}`),
  ]),
]);

const kubelet = (exchange: Exchange, node = 'one'): Exchange => ({
  ...exchange,
  headers: { [AS]: `system:node:${node}`, [GROUP]: 'system:nodes' },
  counts: { verb: 'access', detail: 'as a kubelet' },
});
const PODS = '/api/v1/namespaces/{ns}/pods';

const nodes = accessScript('nodes', '', 'Node', [
  kubelet(post('own-node', '/api/v1/nodes', { metadata: { name: '{ns}' } }), '{ns}'),
  kubelet(tried('other-node', '/api/v1/nodes', { metadata: { name: 'two' } }), '{ns}'),
  kubelet(get('read-own', '/api/v1/nodes/{ns}'), '{ns}'),
  kubelet(get('read-other', '/api/v1/nodes/two'), '{ns}'),
  kubelet(get('read-all', '/api/v1/nodes'), '{ns}'),
  kubelet(get('pods-of-node', '/api/v1/pods?fieldSelector=spec.nodeName%3D{ns}'), '{ns}'),
  kubelet(get('pods-of-all', '/api/v1/pods'), '{ns}'),
  kubelet(merge('own-label', '/api/v1/nodes/{ns}', { metadata: { labels: { 'example.com/a': 'b' } } }), '{ns}'),
  kubelet(
    merge('reserved-label', '/api/v1/nodes/{ns}', {
      metadata: { labels: { 'node-restriction.kubernetes.io/a': 'b' } },
    }),
    '{ns}',
  ),
  kubelet(
    merge('kubernetes-label', '/api/v1/nodes/{ns}', {
      metadata: { labels: { 'kubernetes.io/bogus': 'b', 'kubernetes.io/arch': 'x' } },
    }),
    '{ns}',
  ),
  kubelet(
    merge('allowed-label', '/api/v1/nodes/{ns}', {
      metadata: { labels: { 'kubernetes.io/os': 'linux', 'kubelet.kubernetes.io/x': 'y' } },
    }),
    '{ns}',
  ),
  kubelet(merge('taints', '/api/v1/nodes/{ns}', { spec: { taints: [{ key: 'a', effect: 'NoSchedule' }] } }), '{ns}'),
  kubelet(merge('own-status', '/api/v1/nodes/{ns}/status', { status: { phase: 'Running' } }), '{ns}'),
  kubelet(merge('other-status', '/api/v1/nodes/two/status', { status: { phase: 'Running' } }), '{ns}'),
  kubelet(
    merge('config-source', '/api/v1/nodes/{ns}', {
      spec: { configSource: { configMap: { name: 'a', namespace: 'b', uid: 'c', kubeletConfigKey: 'd' } } },
    }),
    '{ns}',
  ),
  kubelet(remove('delete-own', '/api/v1/nodes/{ns}'), '{ns}'),
  post('secret', '/api/v1/namespaces/{ns}/secrets', { metadata: { name: 'mine' } }),
  post('other-secret', '/api/v1/namespaces/{ns}/secrets', { metadata: { name: 'theirs' } }),
  post('pod', PODS, {
    metadata: { name: 'pod' },
    spec: { nodeName: '{ns}', containers: [{ name: 'a', image: 'x', envFrom: [{ secretRef: { name: 'mine' } }] }] },
  }),
  post('other-pod', PODS, {
    metadata: { name: 'other' },
    spec: { nodeName: 'two', containers: [{ name: 'a', image: 'x', envFrom: [{ secretRef: { name: 'theirs' } }] }] },
  }),
  kubelet(get('secret-of-pod', '/api/v1/namespaces/{ns}/secrets/mine'), '{ns}'),
  kubelet(get('secret-of-other', '/api/v1/namespaces/{ns}/secrets/theirs'), '{ns}'),
  kubelet(get('all-secrets', '/api/v1/namespaces/{ns}/secrets'), '{ns}'),
  kubelet(get('own-pod', `${PODS}/pod`), '{ns}'),
  kubelet(get('other-own-pod', `${PODS}/other`), '{ns}'),
  kubelet(merge('pod-status', `${PODS}/pod/status`, { status: { phase: 'Running' } }), '{ns}'),
  kubelet(merge('pod-labels-through-status', `${PODS}/pod/status`, { metadata: { labels: { a: 'b' } } }), '{ns}'),
  kubelet(merge('other-pod-status', `${PODS}/other/status`, { status: { phase: 'Running' } }), '{ns}'),
  kubelet(merge('pod-spec', `${PODS}/pod`, { metadata: { labels: { a: 'b' } } }), '{ns}'),
  kubelet(
    tried('no-mirror', PODS, {
      metadata: { name: 'm' },
      spec: { nodeName: '{ns}', containers: [{ name: 'a', image: 'x' }] },
    }),
    '{ns}',
  ),
  kubelet(
    tried('mirror-of-other', PODS, {
      metadata: { name: 'm', annotations: { 'kubernetes.io/config.mirror': 'x' } },
      spec: { nodeName: 'two', containers: [{ name: 'a', image: 'x' }] },
    }),
    '{ns}',
  ),
  kubelet(
    tried('mirror-without-owner', PODS, {
      metadata: { name: 'm', annotations: { 'kubernetes.io/config.mirror': 'x' } },
      spec: { nodeName: '{ns}', containers: [{ name: 'a', image: 'x' }] },
    }),
    '{ns}',
  ),
  kubelet(
    tried('mirror-with-secret', PODS, {
      metadata: { name: 'm', annotations: { 'kubernetes.io/config.mirror': 'x' } },
      spec: {
        nodeName: '{ns}',
        containers: [{ name: 'a', image: 'x' }],
        volumes: [{ name: 's', secret: { secretName: 'mine' } }],
      },
    }),
    '{ns}',
  ),
  kubelet(
    tried('mirror-with-account', PODS, {
      metadata: { name: 'm', annotations: { 'kubernetes.io/config.mirror': 'x' } },
      spec: { nodeName: '{ns}', serviceAccountName: 'default', containers: [{ name: 'a', image: 'x' }] },
    }),
    '{ns}',
  ),
  kubelet(post('token-unbound', `${ACCOUNTS}/default/token`, { spec: {} }), '{ns}'),
  kubelet(post('token-for-other', `${ACCOUNTS}/default/token`, { spec: reference('Pod', 'other') }), '{ns}'),
  kubelet(post('token-without-uid', `${ACCOUNTS}/default/token`, { spec: reference('Pod', 'pod') }), '{ns}'),
  kubelet(
    {
      ...post('token-for-pod', `${ACCOUNTS}/default/token`, { spec: reference('Pod', 'pod', { uid: '{uid}' }) }),
      with: { uid: 'pod.metadata.uid' },
    },
    '{ns}',
  ),
  kubelet(
    {
      ...post('token-for-audience', `${ACCOUNTS}/default/token`, {
        spec: { audiences: ['vault'], ...reference('Pod', 'pod', { uid: '{uid}' }) },
      }),
      with: { uid: 'pod.metadata.uid' },
    },
    '{ns}',
  ),
  kubelet(
    post('own-lease', '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases', { metadata: { name: '{ns}' } }),
    '{ns}',
  ),
  kubelet(
    post('other-lease', '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases', {
      metadata: { name: 'two' },
    }),
    '{ns}',
  ),
  kubelet(get('lease-elsewhere', '/apis/coordination.k8s.io/v1/namespaces/{ns}/leases/one'), '{ns}'),
  kubelet(
    post('own-csi-node', '/apis/storage.k8s.io/v1/csinodes', {
      metadata: { name: '{ns}' },
      spec: { drivers: [{ name: 'd', nodeID: 'n', topologyKeys: ['a'] }] },
    }),
    '{ns}',
  ),
  kubelet(
    post('other-csi-node', '/apis/storage.k8s.io/v1/csinodes', {
      metadata: { name: 'two' },
      spec: { drivers: [{ name: 'd', nodeID: 'n', topologyKeys: ['a'] }] },
    }),
    '{ns}',
  ),
  kubelet(post('evict-other', `${PODS}/other/eviction`, { metadata: { name: 'other' } }), '{ns}'),
  kubelet(remove('delete-other-pod', `${PODS}/other`), '{ns}'),
  kubelet(remove('delete-own-pod', `${PODS}/pod?gracePeriodSeconds=0`), '{ns}'),
  remove('lease-gone', '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/{ns}'),
  remove('csi-node-gone', '/apis/storage.k8s.io/v1/csinodes/{ns}'),
  remove('node-gone', '/api/v1/nodes/{ns}'),
]);

export const authenticationScripts = [accountTokens, bootstrap, impersonation, nodes];
