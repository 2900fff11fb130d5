import type { Exchange, Script } from '../exchange';

/** What goes across kinds: selection, paging, watching, ownership, access, limits, discovery. */

const CONFIG_MAPS = '/api/v1/namespaces/{ns}/configmaps';
const DEPLOYMENTS = '/apis/apps/v1/namespaces/{ns}/deployments';
const PODS = '/api/v1/namespaces/{ns}/pods';
const MERGE_PATCH = 'application/merge-patch+json';
const STRATEGIC_PATCH = 'application/strategic-merge-patch+json';
const JSON_PATCH = 'application/json-patch+json';
const APPLY_PATCH = 'application/apply-patch+yaml';

const script = (name: string, group: string, kind: string, exchanges: readonly Exchange[]): Script => ({
  name: `behaviours/${name}`,
  group,
  kind,
  exchanges: exchanges.map(withoutTrace),
});

/** What one server refuses may not stay where the other takes it. */
function withoutTrace(exchange: Exchange): Exchange {
  const { metadata } = (exchange.body ?? {}) as { metadata?: { name?: string } };
  const isTry = metadata?.name === 'wrong' && exchange.request.startsWith('POST');
  return isTry ? { ...exchange, request: `${exchange.request}?dryRun=All` } : exchange;
}

const configMap = (name: string, labels: Record<string, string> = {}, data: Record<string, string> = {}) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, labels },
  data,
});

const create = (name: string, body: unknown, path = CONFIG_MAPS): Exchange => ({
  name,
  request: `POST ${path}`,
  body,
  counts: { verb: 'create' },
});

const list = (name: string, query: string, path = CONFIG_MAPS): Exchange => ({
  name,
  request: `GET ${path}?${query}`,
  counts: { verb: 'list', detail: 'selection' },
});

const selectors = script('selectors', '', 'ConfigMap', [
  create('a', configMap('a', { tier: 'front', env: 'prod' })),
  create('b', configMap('b', { tier: 'back', env: 'prod' })),
  create('c', configMap('c', { tier: 'back', env: 'test' })),
  ...[
    'tier=front',
    'tier==front',
    'tier!=front',
    'tier in (front,back)',
    'tier notin (front)',
    'env',
    '!env',
    'env=prod,tier=back',
    'tier in ()',
    'tier=a=b',
    '-x',
    'tier in (front',
    'generation>1',
    'generation>word',
  ].map((selector, index) => list(`labels-${index}`, `labelSelector=${encodeURIComponent(selector)}`)),
  ...['metadata.name=a', 'metadata.name!=a', 'metadata.namespace={ns}', 'data=a', 'metadata.name', 'a=b=c'].map(
    (selector, index) =>
      list(`fields-${index}`, `fieldSelector=${selector.replaceAll('=', '%3D').replaceAll('!', '%21')}`),
  ),
]);

const paging = script('paging', '', 'ConfigMap', [
  ...['a', 'b', 'c', 'd', 'e'].map((name) => create(name, configMap(name, { paged: 'yes' }))),
  list('first', 'limit=2&labelSelector=paged%3Dyes'),
  list('unselected', 'limit=2&fieldSelector=metadata.namespace%3D{ns}'),
  { ...list('second', 'limit=2&labelSelector=paged%3Dyes&continue={more}'), with: { more: 'first.metadata.continue' } },
  create('late', configMap('bb', { paged: 'yes' })),
  {
    ...list('second-again', 'limit=2&labelSelector=paged%3Dyes&continue={more}'),
    with: { more: 'first.metadata.continue' },
  },
  list('broken-token', 'limit=2&continue=nonsense'),
  list('negative', 'limit=-1'),
  list('word', 'limit=many'),
  {
    ...list('token-and-revision', 'limit=2&continue={more}&resourceVersion=5'),
    with: { more: 'first.metadata.continue' },
  },
  list('match-without-revision', 'resourceVersionMatch=Exact'),
  list('match-exact-zero', 'resourceVersion=0&resourceVersionMatch=Exact'),
  list('match-word', 'resourceVersion=1&resourceVersionMatch=Sometimes'),
  list('future', 'resourceVersion=99999999&timeoutSeconds=1'),
  list('revision-word', 'resourceVersion=word'),
  list('old-exact', 'resourceVersion=1&resourceVersionMatch=Exact'),
]);

const watched = (name: string, query: string, events: number): Exchange => ({
  name,
  request: `GET ${CONFIG_MAPS}?watch=true&timeoutSeconds=5&${query}`,
  events,
  counts: { verb: 'watch' },
});

const watching = script('watching', '', 'ConfigMap', [
  create('a', configMap('a', { watched: 'yes' })),
  { name: 'change', request: `PATCH ${CONFIG_MAPS}/a`, type: MERGE_PATCH, body: { data: { step: '1' } } },
  create('b', configMap('b', { watched: 'yes' })),
  {
    name: 'unlabel',
    request: `PATCH ${CONFIG_MAPS}/b`,
    type: MERGE_PATCH,
    body: { metadata: { labels: { watched: null } } },
  },
  { name: 'delete', request: `DELETE ${CONFIG_MAPS}/a` },
  {
    ...watched('from-a-revision', 'labelSelector=watched%3Dyes&resourceVersion={from}', 4),
    with: { from: 'a.metadata.resourceVersion' },
  },
  {
    ...watched('unfiltered', 'resourceVersion={from}&fieldSelector=metadata.name%3Db', 2),
    with: { from: 'a.metadata.resourceVersion' },
  },
  watched('now', 'fieldSelector=metadata.name%3Db', 1),
  watched(
    'initial-events',
    'sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true&fieldSelector=metadata.name%3Db',
    2,
  ),
  watched('initial-events-alone', 'sendInitialEvents=true', 1),
  watched('too-old', 'resourceVersion=1', 1),
  watched('revision-word', 'resourceVersion=word', 1),
]);

const deployment = (name: string) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name },
  spec: {
    selector: { matchLabels: { app: name } },
    template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'main', image: 'nginx:1' }] } },
  },
});

const patch = (name: string, type: string, body: unknown, query = ''): Exchange => ({
  name,
  request: `PATCH ${DEPLOYMENTS}/web${query}`,
  type,
  body,
  counts: { verb: 'patch', detail: type.replace(/^application\/|\+.*$/g, '') },
});

const inContainers = (containers: unknown) => ({ spec: { template: { spec: { containers } } } });

const patches = script('patches', 'apps', 'Deployment', [
  create('create', deployment('web'), DEPLOYMENTS),
  patch('merge-by-name', STRATEGIC_PATCH, inContainers([{ name: 'main', image: 'nginx:2' }])),
  patch('add-by-name', STRATEGIC_PATCH, inContainers([{ name: 'side', image: 'busybox' }])),
  patch('delete-by-name', STRATEGIC_PATCH, inContainers([{ name: 'side', $patch: 'delete' }])),
  patch(
    'order',
    STRATEGIC_PATCH,
    inContainers([
      {
        name: 'main',
        env: [
          { name: 'B', value: '2' },
          { name: 'A', value: '1' },
        ],
      },
    ]),
  ),
  patch('replace-list', STRATEGIC_PATCH, inContainers([{ $patch: 'replace' }, { name: 'new', image: 'nginx:3' }])),
  patch('no-merge-key', STRATEGIC_PATCH, inContainers([{ image: 'nginx:4' }])),
  patch('unknown-directive', STRATEGIC_PATCH, { spec: { $patch: 'bend' } }),
  patch('merge-list', MERGE_PATCH, inContainers([{ name: 'only', image: 'nginx:5' }])),
  patch('merge-to-nothing', MERGE_PATCH, inContainers(null)),
  patch('immutable', MERGE_PATCH, { spec: { selector: { matchLabels: { app: 'other' } } } }),
  patch('wrong-type', MERGE_PATCH, { spec: { replicas: 'three' } }),
  patch('unknown-strict', MERGE_PATCH, { spec: { bogus: 1 } }, '?fieldValidation=Strict'),
  patch('negative', MERGE_PATCH, { spec: { replicas: -1 } }),
  patch('rename', MERGE_PATCH, { metadata: { name: 'other' } }),
  patch('revision', MERGE_PATCH, { metadata: { resourceVersion: '1' } }),
  patch('replace', JSON_PATCH, [{ op: 'replace', path: '/spec/replicas', value: 2 }]),
  patch('copy', JSON_PATCH, [{ op: 'copy', from: '/metadata/name', path: '/metadata/annotations' }]),
  patch('no-operation', JSON_PATCH, [{ op: 'bend', path: '/spec' }]),
  patch('no-list', JSON_PATCH, { op: 'add' }),
  patch('bad-index', JSON_PATCH, [{ op: 'add', path: '/spec/template/spec/containers/9', value: {} }]),
  patch('not-json', JSON_PATCH, 'words'),
  { ...patch('missing', MERGE_PATCH, {}), request: `PATCH ${DEPLOYMENTS}/none` },
  { name: 'scale', request: `GET ${DEPLOYMENTS}/web/scale`, counts: { verb: 'get', detail: 'scale' } },
  { ...patch('scale-patch', MERGE_PATCH, { spec: { replicas: 4 } }), request: `PATCH ${DEPLOYMENTS}/web/scale` },
  {
    name: 'status-is-apart',
    request: `PATCH ${DEPLOYMENTS}/web/status`,
    type: MERGE_PATCH,
    body: { spec: { replicas: 9 }, status: { replicas: 3, observedGeneration: 1 } },
    counts: { verb: 'patch', detail: 'status' },
  },
]);

const apply = (name: string, manager: string, spec: unknown, query = ''): Exchange => ({
  name,
  request: `PATCH ${DEPLOYMENTS}/web?fieldManager=${manager}${query}`,
  type: APPLY_PATCH,
  body: { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web' }, ...(spec as object) },
  counts: { verb: 'apply' },
});

const ownership = script('ownership', 'apps', 'Deployment', [
  apply('first', 'one', { spec: deployment('web').spec }),
  apply('again', 'one', { spec: deployment('web').spec }),
  apply('second-owner', 'two', { spec: { replicas: 3 } }),
  apply('conflict', 'three', { spec: { replicas: 5 } }),
  apply('shared', 'three', { spec: { replicas: 3 } }),
  apply('taken', 'three', { spec: { replicas: 5 } }, '&force=true'),
  apply('given-up', 'three', {}),
  apply('container-conflict', 'two', inContainers([{ name: 'main', image: 'nginx:9' }])),
  apply('other-container', 'two', inContainers([{ name: 'side', image: 'busybox' }])),
  apply('dropped-container', 'two', {}),
  apply('unknown-field', 'two', { spec: { bogus: 1 } }),
  apply('dry-run', 'two', { metadata: { name: 'web', labels: { a: 'b' } } }, '&dryRun=All'),
  apply('managed-fields', 'two', { metadata: { name: 'web', managedFields: [{ manager: 'x' }] } }),
  patch('edited', MERGE_PATCH, { spec: { replicas: 7 } }, '?fieldManager=kubectl-edit'),
  apply('after-edit', 'one', { spec: { ...deployment('web').spec, replicas: 1 } }),
  patch('reset', MERGE_PATCH, { metadata: { managedFields: [{}] } }),
  { name: 'after-reset', request: `GET ${DEPLOYMENTS}/web`, counts: { verb: 'get' } },
  { ...apply('invalid-create', 'one', { spec: {} }), request: `PATCH ${DEPLOYMENTS}/new?fieldManager=one` },
]);

const as = (name: string, request: string, user: Record<string, string>, body?: unknown): Exchange => ({
  name,
  request,
  headers: user,
  ...(body === undefined ? {} : { body }),
  counts: { verb: 'access' },
});
const SOMEBODY = { 'impersonate-user': 'somebody' };
const NOBODY = { 'impersonate-user': 'nobody', 'impersonate-group': 'system:authenticated' };
const ROLES = '/apis/rbac.authorization.k8s.io/v1/namespaces/{ns}';
const REVIEWS = '/apis/authorization.k8s.io/v1';
const pods = { apiGroups: [''], resources: ['pods'], verbs: ['get', 'list'] };

const access = script('access', 'rbac.authorization.k8s.io', 'Role', [
  as('list-refused', `GET ${PODS}`, SOMEBODY),
  as('get-refused', `GET ${PODS}/web`, SOMEBODY),
  as('cluster-refused', 'GET /api/v1/nodes', SOMEBODY),
  as('log-refused', `GET ${PODS}/web/log`, SOMEBODY),
  as('path-refused', 'GET /metrics', NOBODY),
  as('discovery-allowed', 'GET /version/', NOBODY),
  create('role', { metadata: { name: 'reader' }, rules: [pods] }, `${ROLES}/roles`),
  create(
    'binding',
    {
      metadata: { name: 'reader' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'reader' },
      subjects: [{ kind: 'User', name: 'somebody' }],
    },
    `${ROLES}/rolebindings`,
  ),
  as('list-allowed', `GET ${PODS}`, SOMEBODY),
  as('create-refused', `POST ${PODS}`, SOMEBODY, { metadata: { name: 'web' } }),
  as('escalation-refused', `POST ${ROLES}/roles`, SOMEBODY, { metadata: { name: 'more' }, rules: [pods] }),
  create(
    'manager-role',
    {
      metadata: { name: 'roles' },
      rules: [{ apiGroups: ['rbac.authorization.k8s.io'], resources: ['*'], verbs: ['*'] }],
    },
    `${ROLES}/roles`,
  ),
  create(
    'manager-binding',
    {
      metadata: { name: 'roles' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'roles' },
      subjects: [{ kind: 'User', name: 'somebody' }],
    },
    `${ROLES}/rolebindings`,
  ),
  as('escalation-checked', `POST ${ROLES}/roles`, SOMEBODY, {
    metadata: { name: 'secrets' },
    rules: [{ apiGroups: [''], resources: ['secrets'], verbs: ['get'] }],
  }),
  as('own-rights-given', `POST ${ROLES}/roles`, SOMEBODY, {
    metadata: { name: 'less' },
    rules: [{ ...pods, verbs: ['get'] }],
  }),
  create(
    'review-allowed',
    { spec: { user: 'somebody', resourceAttributes: { namespace: '{ns}', verb: 'list', resource: 'pods' } } },
    `${REVIEWS}/subjectaccessreviews`,
  ),
  create(
    'review-denied',
    { spec: { user: 'somebody', resourceAttributes: { namespace: '{ns}', verb: 'delete', resource: 'pods' } } },
    `${REVIEWS}/subjectaccessreviews`,
  ),
  create('review-empty', { spec: {} }, `${REVIEWS}/subjectaccessreviews`),
  as('review-self', `POST ${REVIEWS}/selfsubjectaccessreviews`, SOMEBODY, {
    spec: { resourceAttributes: { namespace: '{ns}', verb: 'get', resource: 'pods' } },
  }),
  as('rules-self', `POST ${REVIEWS}/selfsubjectrulesreviews`, SOMEBODY, { spec: { namespace: '{ns}' } }),
  as('binding-checked', `POST ${ROLES}/rolebindings`, SOMEBODY, {
    metadata: { name: 'admin' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
    subjects: [{ kind: 'User', name: 'somebody' }],
  }),
  {
    ...create('role-reference-immutable', {
      metadata: { name: 'reader' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'other' },
    }),
    request: `PUT ${ROLES}/rolebindings/reader`,
  },
  as(
    'who-am-i',
    'POST /apis/authentication.k8s.io/v1/selfsubjectreviews',
    { ...SOMEBODY, 'impersonate-extra-scope': 'all' },
    {},
  ),
  create('token-wrong', { spec: { token: 'nonsense' } }, '/apis/authentication.k8s.io/v1/tokenreviews'),
  create(
    'token',
    { spec: { audiences: ['here'], expirationSeconds: 600 } },
    '/api/v1/namespaces/{ns}/serviceaccounts/default/token',
  ),
  create(
    'token-too-short',
    { spec: { expirationSeconds: 1 } },
    '/api/v1/namespaces/{ns}/serviceaccounts/default/token',
  ),
]);

const pod = (name: string, spec: object = {}) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, labels: { app: name } },
  spec: { containers: [{ name: 'main', image: 'nginx:1' }], ...spec },
});
const container = (fields: object) => pod('wrong', { containers: [{ name: 'main', image: 'nginx', ...fields }] });

const podRules = script('pod-rules', '', 'Pod', [
  create('defaults', pod('plain'), PODS),
  create('no-containers', pod('wrong', { containers: [] }), PODS),
  create('no-image', pod('wrong', { containers: [{ name: 'main' }] }), PODS),
  create(
    'twice-named',
    pod('wrong', {
      containers: [
        { name: 'a', image: 'x' },
        { name: 'a', image: 'y' },
      ],
    }),
    PODS,
  ),
  create('container-name', pod('wrong', { containers: [{ name: 'A_b', image: 'x' }] }), PODS),
  create('restart-policy', pod('wrong', { restartPolicy: 'Sometimes' }), PODS),
  create('pull-policy', container({ imagePullPolicy: 'Perhaps' }), PODS),
  create('port-range', container({ ports: [{ containerPort: 99999 }] }), PODS),
  create('port-protocol', container({ ports: [{ containerPort: 80, protocol: 'ICMP' }] }), PODS),
  create('request-over-limit', container({ resources: { requests: { cpu: '2' }, limits: { cpu: '1' } } }), PODS),
  create('quantity', container({ resources: { requests: { cpu: 'lots' } } }), PODS),
  create('negative-quantity', container({ resources: { requests: { cpu: '-1' } } }), PODS),
  create('unknown-volume', container({ volumeMounts: [{ name: 'data', mountPath: '/data' }] }), PODS),
  create('two-volume-sources', pod('wrong', { volumes: [{ name: 'v', emptyDir: {}, hostPath: { path: '/' } }] }), PODS),
  create('probe', container({ livenessProbe: { periodSeconds: -1 } }), PODS),
  create('two-handlers', container({ livenessProbe: { httpGet: { port: 80 }, exec: { command: ['true'] } } }), PODS),
  create('environment', container({ env: [{ name: 'A=B', value: '1' }] }), PODS),
  create(
    'value-and-source',
    container({ env: [{ name: 'A', value: '1', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }] }),
    PODS,
  ),
  create(
    'field-reference',
    container({ env: [{ name: 'A', valueFrom: { fieldRef: { fieldPath: 'spec.bogus' } } }] }),
    PODS,
  ),
  create('toleration', pod('wrong', { tolerations: [{ operator: 'Exists', value: 'x', key: 'a' }] }), PODS),
  create('node-selector', pod('wrong', { nodeSelector: { 'a b': 'c' } }), PODS),
  create(
    'affinity',
    pod('wrong', {
      affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [] } } },
    }),
    PODS,
  ),
  create(
    'spread',
    pod('wrong', {
      topologySpreadConstraints: [{ maxSkew: 0, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule' }],
    }),
    PODS,
  ),
  create('no-account', pod('wrong', { serviceAccountName: 'none' }), PODS),
  create('priority-class', pod('wrong', { priorityClassName: 'none' }), PODS),
  create(
    'host-ports',
    pod('wrong', {
      hostNetwork: true,
      containers: [{ name: 'a', image: 'x', ports: [{ containerPort: 80, hostPort: 81 }] }],
    }),
    PODS,
  ),
  create(
    'guaranteed',
    pod('guaranteed', { containers: [{ name: 'a', image: 'x', resources: { limits: { cpu: '1', memory: '1Gi' } } }] }),
    PODS,
  ),
  create('sidecar', pod('sidecar', { initContainers: [{ name: 'side', image: 'x', restartPolicy: 'Always' }] }), PODS),
  create(
    'all-defaults',
    {
      ...pod('probed'),
      spec: {
        containers: [
          {
            name: 'main',
            image: 'registry.example.com/app',
            ports: [{ containerPort: 80, name: 'http' }],
            readinessProbe: { httpGet: { port: 'http' } },
            livenessProbe: { tcpSocket: { port: 80 } },
            lifecycle: { preStop: { httpGet: { port: 80 } } },
            env: [{ name: 'IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } }],
          },
        ],
        volumes: [
          { name: 'a', configMap: { name: 'settings' } },
          { name: 'b', secret: { secretName: 'keys' } },
          { name: 'c', projected: { sources: [{ serviceAccountToken: { path: 'token' } }] } },
          { name: 'd', downwardAPI: { items: [{ path: 'name', fieldRef: { fieldPath: 'metadata.name' } }] } },
          { name: 'e', hostPath: { path: '/var' } },
        ],
      },
    },
    PODS,
  ),
  {
    name: 'immutable',
    request: `PATCH ${PODS}/plain`,
    type: MERGE_PATCH,
    body: { spec: { nodeName: 'other' } },
    counts: { verb: 'patch', detail: 'immutable' },
  },
  {
    name: 'image',
    request: `PATCH ${PODS}/plain`,
    type: STRATEGIC_PATCH,
    body: { spec: { containers: [{ name: 'main', image: 'nginx:2' }] } },
    counts: { verb: 'patch' },
  },
  {
    name: 'bind',
    request: `POST ${PODS}/plain/binding`,
    body: { apiVersion: 'v1', kind: 'Binding', metadata: { name: 'plain' }, target: { kind: 'Node', name: 'node-1' } },
    counts: { verb: 'create', detail: 'binding' },
  },
  {
    name: 'bind-again',
    request: `POST ${PODS}/plain/binding`,
    body: { apiVersion: 'v1', kind: 'Binding', metadata: { name: 'plain' }, target: { kind: 'Node', name: 'node-2' } },
    counts: { verb: 'create', detail: 'binding' },
  },
  { name: 'bound', request: `GET ${PODS}/plain`, counts: { verb: 'get' } },
  { name: 'log-of-no-node', request: `GET ${PODS}/plain/log?container=none`, counts: { verb: 'get', detail: 'log' } },
  {
    name: 'status',
    request: `PATCH ${PODS}/plain/status`,
    type: STRATEGIC_PATCH,
    body: { status: { phase: 'Running', podIP: '10.244.0.4', podIPs: [{ ip: '10.244.0.4' }] } },
    counts: { verb: 'patch', detail: 'status' },
  },
  {
    name: 'evict',
    request: `POST ${PODS}/guaranteed/eviction`,
    body: { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: 'guaranteed' } },
    counts: { verb: 'create', detail: 'eviction' },
  },
  {
    name: 'evict-missing',
    request: `POST ${PODS}/none/eviction`,
    body: { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: 'none' } },
    counts: { verb: 'create', detail: 'eviction' },
  },
  { name: 'grace', request: `DELETE ${PODS}/plain?gracePeriodSeconds=10`, counts: { verb: 'delete', detail: 'grace' } },
  {
    name: 'no-grace',
    request: `DELETE ${PODS}/plain?gracePeriodSeconds=0`,
    counts: { verb: 'delete', detail: 'grace' },
  },
]);

const SERVICES = '/api/v1/namespaces/{ns}/services';
const service = (spec: object, name = 'wrong') => ({ apiVersion: 'v1', kind: 'Service', metadata: { name }, spec });
const serviceRules = script('service-rules', '', 'Service', [
  create('no-ports', service({ selector: { a: 'b' } }), SERVICES),
  create('unnamed-ports', service({ ports: [{ port: 1 }, { port: 2 }] }), SERVICES),
  create('port-range', service({ ports: [{ port: 0 }] }), SERVICES),
  create('type', service({ type: 'Sideways', ports: [{ port: 1 }] }), SERVICES),
  create('cluster-ip', service({ clusterIP: '1.2.3.4', ports: [{ port: 1 }] }), SERVICES),
  create('node-port-range', service({ type: 'NodePort', ports: [{ port: 1, nodePort: 80 }] }), SERVICES),
  create('external-name', service({ type: 'ExternalName' }), SERVICES),
  create('name', service({ ports: [{ port: 1 }] }, '1abc'), SERVICES),
  create('headless', service({ clusterIP: 'None', selector: { a: 'b' } }, 'headless'), SERVICES),
  create('node-port', service({ type: 'NodePort', ports: [{ port: 80 }] }, 'node-port'), SERVICES),
  create('load-balancer', service({ type: 'LoadBalancer', ports: [{ port: 80 }] }, 'load-balancer'), SERVICES),
  create('named', service({ type: 'ExternalName', externalName: 'example.com' }, 'named'), SERVICES),
  create('plain', service({ ports: [{ port: 80, targetPort: 'http' }] }, 'plain'), SERVICES),
  {
    name: 'ip-immutable',
    request: `PATCH ${SERVICES}/plain`,
    type: MERGE_PATCH,
    body: { spec: { clusterIP: '10.96.9.9' } },
    counts: { verb: 'patch', detail: 'immutable' },
  },
  {
    name: 'to-node-port',
    request: `PATCH ${SERVICES}/plain`,
    type: MERGE_PATCH,
    body: { spec: { type: 'NodePort' } },
    counts: { verb: 'patch' },
  },
  {
    name: 'to-cluster-ip',
    request: `PATCH ${SERVICES}/plain`,
    type: MERGE_PATCH,
    body: { spec: { type: 'ClusterIP' } },
    counts: { verb: 'patch' },
  },
  {
    name: 'to-name',
    request: `PATCH ${SERVICES}/plain`,
    type: MERGE_PATCH,
    body: { spec: { type: 'ExternalName', externalName: 'example.com' } },
    counts: { verb: 'patch' },
  },
]);

const QUOTAS = '/api/v1/namespaces/{ns}/resourcequotas';
const limits = script('limits', '', 'ResourceQuota', [
  create(
    'range',
    {
      metadata: { name: 'range' },
      spec: {
        limits: [
          {
            type: 'Container',
            default: { cpu: '500m' },
            defaultRequest: { cpu: '100m' },
            max: { cpu: '1' },
            min: { cpu: '10m' },
          },
        ],
      },
    },
    '/api/v1/namespaces/{ns}/limitranges',
  ),
  create('defaulted', pod('defaulted'), PODS),
  create('over-max', container({ resources: { limits: { cpu: '2' } } }), PODS),
  create('under-min', container({ resources: { requests: { cpu: '1m' }, limits: { cpu: '500m' } } }), PODS),
  create(
    'quota',
    { metadata: { name: 'few' }, spec: { hard: { configmaps: '0', 'count/deployments.apps': '0' } } },
    QUOTAS,
  ),
  {
    name: 'quota-status',
    request: `PATCH ${QUOTAS}/few/status`,
    type: MERGE_PATCH,
    body: {
      status: {
        hard: { configmaps: '0', 'count/deployments.apps': '0' },
        used: { configmaps: '0', 'count/deployments.apps': '0' },
      },
    },
    counts: { verb: 'patch', detail: 'status' },
  },
  create('over-quota', configMap('more')),
  create('over-count', deployment('more'), DEPLOYMENTS),
  create('quota-wrong', { metadata: { name: 'wrong' }, spec: { hard: { 'no such thing': '1' } } }, QUOTAS),
]);

const namespaces = script('namespaces', '', 'Namespace', [
  create(
    'secured',
    {
      metadata: {
        name: '{ns}-secured',
        labels: { 'pod-security.kubernetes.io/enforce': 'restricted', 'pod-security.kubernetes.io/warn': 'baseline' },
      },
    },
    '/api/v1/namespaces',
  ),
  create('account', { metadata: { name: 'default' } }, '/api/v1/namespaces/{ns}-secured/serviceaccounts'),
  create('insecure-pod', pod('plain'), '/api/v1/namespaces/{ns}-secured/pods'),
  create('insecure-template', deployment('web'), '/apis/apps/v1/namespaces/{ns}-secured/deployments'),
  { name: 'delete', request: 'DELETE /api/v1/namespaces/{ns}-secured', counts: { verb: 'delete' } },
  create('into-terminating', configMap('late'), '/api/v1/namespaces/{ns}-secured/configmaps'),
  { name: 'delete-again', request: 'DELETE /api/v1/namespaces/{ns}-secured', counts: { verb: 'delete' } },
  {
    name: 'finalize',
    request: 'PUT /api/v1/namespaces/{ns}-secured/finalize',
    body: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: '{ns}-secured' }, spec: { finalizers: [] } },
    counts: { verb: 'update', detail: 'finalize' },
  },
  create('missing-namespace', configMap('lost'), '/api/v1/namespaces/none-such/configmaps'),
  create('other-namespace', { ...configMap('moved'), metadata: { name: 'moved', namespace: 'other' } }),
  { name: 'protected', request: 'DELETE /api/v1/namespaces/default', counts: { verb: 'delete', detail: 'protected' } },
]);

const read = (name: string, path: string, accept?: string): Exchange => ({
  name,
  request: `GET ${path}`,
  ...(accept === undefined ? {} : { accept }),
  counts: { verb: 'discovery' },
});
const GROUPS = [
  'apps',
  'batch',
  'autoscaling',
  'networking.k8s.io',
  'policy',
  'rbac.authorization.k8s.io',
  'storage.k8s.io',
  'scheduling.k8s.io',
  'coordination.k8s.io',
  'discovery.k8s.io',
  'events.k8s.io',
  'node.k8s.io',
  'authentication.k8s.io',
  'authorization.k8s.io',
  'certificates.k8s.io',
  'admissionregistration.k8s.io',
  'apiextensions.k8s.io',
  'apiregistration.k8s.io',
  'flowcontrol.apiserver.k8s.io',
  'resource.k8s.io',
];

const discovery = script('discovery', '', '', [
  read('roots', '/api'),
  read('groups', '/apis'),
  read('core', '/api/v1'),
  ...GROUPS.map((group) => read(`group-${group.replaceAll('.', '-')}`, `/apis/${group}`)),
  ...GROUPS.map((group) => read(`resources-${group.replaceAll('.', '-')}`, `/apis/${group}/v1`)),
  read('autoscaling-v2', '/apis/autoscaling/v2'),
  read('aggregated-core', '/api', 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList'),
  read('aggregated', '/apis', 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList'),
  read('unknown-group', '/apis/none.example.com'),
  read('unknown-version', '/apis/apps/v9'),
  read('unknown-resource', '/api/v1/namespaces/{ns}/things'),
  read('unknown-path', '/nothing/here'),
  read('health', '/healthz'),
  read('ready', '/readyz'),
  read('live', '/livez'),
  read('not-acceptable', `${PODS}`, 'application/xml'),
  { name: 'no-such-method', request: `PUT ${PODS}`, body: {}, counts: { verb: 'discovery' } },
  { name: 'unsupported-type', request: `POST ${PODS}`, type: 'text/csv', body: 'a,b', counts: { verb: 'discovery' } },
]);

const CLAIMS = '/api/v1/namespaces/{ns}/persistentvolumeclaims';
const workloadRules = script('workload-rules', 'apps', 'Deployment', [
  create(
    'selector-mismatch',
    { ...deployment('web'), spec: { ...deployment('web').spec, selector: { matchLabels: { app: 'other' } } } },
    DEPLOYMENTS,
  ),
  create('no-selector', { ...deployment('web'), spec: { template: deployment('web').spec.template } }, DEPLOYMENTS),
  create(
    'strategy',
    { ...deployment('web'), spec: { ...deployment('web').spec, strategy: { type: 'Recreate', rollingUpdate: {} } } },
    DEPLOYMENTS,
  ),
  create(
    'zero-both',
    {
      ...deployment('web'),
      spec: { ...deployment('web').spec, strategy: { rollingUpdate: { maxSurge: 0, maxUnavailable: 0 } } },
    },
    DEPLOYMENTS,
  ),
  create(
    'percent',
    { ...deployment('web'), spec: { ...deployment('web').spec, strategy: { rollingUpdate: { maxSurge: 'some' } } } },
    DEPLOYMENTS,
  ),
  create(
    'restart',
    {
      ...deployment('web'),
      spec: {
        ...deployment('web').spec,
        template: {
          ...deployment('web').spec.template,
          spec: { ...deployment('web').spec.template.spec, restartPolicy: 'Never' },
        },
      },
    },
    DEPLOYMENTS,
  ),
  create(
    'job-restart',
    {
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: { name: 'j' },
      spec: { template: { spec: { containers: [{ name: 'a', image: 'b' }] } } },
    },
    '/apis/batch/v1/namespaces/{ns}/jobs',
  ),
  create(
    'cron-schedule',
    {
      apiVersion: 'batch/v1',
      kind: 'CronJob',
      metadata: { name: 'c' },
      spec: {
        schedule: 'sometimes',
        jobTemplate: {
          spec: { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'a', image: 'b' }] } } },
        },
      },
    },
    '/apis/batch/v1/namespaces/{ns}/cronjobs',
  ),
  create(
    'hpa',
    {
      apiVersion: 'autoscaling/v2',
      kind: 'HorizontalPodAutoscaler',
      metadata: { name: 'h' },
      spec: { minReplicas: 5, maxReplicas: 3, scaleTargetRef: { kind: 'Deployment', name: 'web' } },
    },
    '/apis/autoscaling/v2/namespaces/{ns}/horizontalpodautoscalers',
  ),
  create(
    'ingress',
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'Ingress',
      metadata: { name: 'i' },
      spec: { rules: [{ host: '*bad', http: { paths: [{ path: 'x', pathType: 'Exact', backend: {} }] } }] },
    },
    '/apis/networking.k8s.io/v1/namespaces/{ns}/ingresses',
  ),
  create(
    'claim',
    { metadata: { name: 'c' }, spec: { accessModes: ['Sometimes'], resources: { requests: {} } } },
    CLAIMS,
  ),
  create(
    'budget',
    { metadata: { name: 'b' }, spec: { minAvailable: 1, maxUnavailable: 1 } },
    '/apis/policy/v1/namespaces/{ns}/poddisruptionbudgets',
  ),
  create(
    'secret-type',
    { metadata: { name: 's' }, type: 'kubernetes.io/tls', data: {} },
    '/api/v1/namespaces/{ns}/secrets',
  ),
  create('secret-data', { metadata: { name: 's' }, data: { 'a b': 'eA==' } }, '/api/v1/namespaces/{ns}/secrets'),
  create('secret-base64', { metadata: { name: 's' }, data: { a: '!' } }, '/api/v1/namespaces/{ns}/secrets'),
  create('immutable-map', { ...configMap('fixed'), immutable: true, data: { a: '1' } }),
  {
    name: 'immutable-change',
    request: `PATCH ${CONFIG_MAPS}/fixed`,
    type: MERGE_PATCH,
    body: { data: { a: '2' } },
    counts: { verb: 'patch', detail: 'immutable' },
  },
  create('generated', { ...configMap(''), metadata: { generateName: 'made-' } }),
  create('long-name', configMap('x'.repeat(254))),
  create('label-value', configMap('l', { a: 'not valid!' })),
  create('label-key', configMap('l', { '/a': 'b' })),
  create('annotation-key', { ...configMap('l'), metadata: { name: 'l', annotations: { 'a b': 'c' } } }),
  create('finalizer', { ...configMap('l'), metadata: { name: 'l', finalizers: ['unqualified'] } }),
  create('owner', {
    ...configMap('l'),
    metadata: { name: 'l', ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: '', uid: '' }] },
  }),
]);

export const behaviourScripts: readonly Script[] = [
  selectors,
  paging,
  watching,
  patches,
  ownership,
  access,
  podRules,
  serviceRules,
  limits,
  namespaces,
  workloadRules,
  discovery,
];
