import { MODERN_GROUP, OLD_GROUP } from '../../backend-documents';
import type { Exchange } from '../../exchange';
import {
  AGGREGATED,
  aggregationScript,
  API_SERVICES,
  apiService,
  ask,
  change,
  condition,
  outside,
  register,
  unregister,
} from './steps';

const MODERN = { group: MODERN_GROUP };
const OLD = { group: OLD_GROUP };
const WIDGETS = `/apis/${MODERN_GROUP}/v1/namespaces/{ns}/widgets`;
const RBAC = '/apis/rbac.authorization.k8s.io/v1';
const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json';

const jane = (exchange: Exchange, headers: Readonly<Record<string, string>> = {}): Exchange => ({
  ...exchange,
  headers: { 'impersonate-user': 'jane', 'impersonate-group': 'dev', ...headers },
});
const believed = { 'impersonate-uid': '7', 'impersonate-extra-example.com%2Fscope': 'all' };
const body = { kind: 'Widget', metadata: { name: 'one' } };

/** Every verb, as the other server sees it. */
const proxying = aggregationScript('aggregated-proxying', [
  ask('what-servers-read', 'GET /api/v1/namespaces/kube-system/configmaps/extension-apiserver-authentication'),
  outside('modern'),
  register('registered', apiService(MODERN, 'modern')),
  condition('passed', MODERN, 'Passed'),
  ask('get', `GET ${WIDGETS}/one`),
  ask('list', `GET ${WIDGETS}?limit=5&labelSelector=a%3Db,c%20in%20(d)&fieldSelector=x=y&empty=&flag`),
  ask('list-table', `GET ${WIDGETS}`, { accept: TABLE }),
  ask('create', `POST ${WIDGETS}`, { body }),
  ask('create-dry', `POST ${WIDGETS}?dryRun=All&fieldManager=me`, { body }),
  ask('update', `PUT ${WIDGETS}/one`, { body }),
  ask('patch', `PATCH ${WIDGETS}/one`, { body: [{ op: 'remove', path: '/a' }], type: 'application/json-patch+json' }),
  ask('apply', `PATCH ${WIDGETS}/one?fieldManager=me&force=true`, {
    body: 'kind: Widget',
    type: 'application/apply-patch+yaml',
  }),
  ask('delete', `DELETE ${WIDGETS}/one`, { body: { propagationPolicy: 'Foreground' } }),
  ask('delete-collection', `DELETE ${WIDGETS}`),
  ask('subresource', `PUT ${WIDGETS}/one/status`, { body }),
  ask('odd-path', `GET ${WIDGETS}/b%20c/d%2Fe/%C3%A4`),
  ask('trailing-slash', `GET ${WIDGETS}/`),
  ask('no-json', `POST ${WIDGETS}`, { body: 'anything: at all', type: 'text/plain' }),
  ask('protobuf', `POST ${WIDGETS}`, { body: 'k8s', type: 'application/vnd.kubernetes.protobuf' }),
  ask('not-modified', `GET /apis/${MODERN_GROUP}/v1/codes/304`),
  ...[201, 400, 404, 409, 418, 500, 503].map((code) =>
    ask(`status-${code}`, `GET /apis/${MODERN_GROUP}/v1/codes/${code}`),
  ),
  ask('redirect', `GET /apis/${MODERN_GROUP}/v1/elsewhere`),
  ask('watch', `GET ${WIDGETS}?watch=true&resourceVersion=1`, { events: 2 }),
  ask('version-itself', `GET /apis/${MODERN_GROUP}/v1`),
  ask('version-slash', `GET /apis/${MODERN_GROUP}/v1/`),
  ask('other-version', `GET /apis/${MODERN_GROUP}/v2/widgets`),
  ask('upgrade', `GET ${WIDGETS}/one/exec?command=sh`, { headers: { connection: 'Upgrade', upgrade: 'echo/1' } }),
  ask('upgrade-by-post', `POST ${WIDGETS}/one/exec`, { headers: { connection: 'Upgrade', upgrade: 'echo/1' } }),
  ask('upgrade-refused', `GET ${WIDGETS}/one/refused`, { headers: { connection: 'Upgrade', upgrade: 'echo/1' } }),
  ask('forged', `GET ${WIDGETS}/one`, {
    headers: {
      'x-remote-user': 'root',
      'x-remote-uid': '0',
      'x-remote-group': 'system:masters',
      'x-remote-extra-a': 'b',
      'x-forwarded-for': '1.2.3.4',
      'x-forwarded-proto': 'ftp',
      cookie: 'a=b',
      'x-own': 'kept',
      te: 'trailers',
      'proxy-authorization': 'secret',
    },
  }),
  unregister(MODERN),
  ask('afterwards', `GET ${WIDGETS}/one`, { until: { status: 404 } }),
]);

/** Who asks, and whether they may: the API server decides before it passes anything on. */
const rights = aggregationScript('aggregated-rights', [
  outside('modern'),
  register('registered', apiService(MODERN, 'modern')),
  condition('passed', MODERN, 'Passed'),
  jane(ask('forbidden', `GET ${WIDGETS}/one`)),
  jane(ask('forbidden-write', `POST ${WIDGETS}`, { body })),
  jane(ask('forbidden-watch', `GET ${WIDGETS}?watch=true`)),
  jane(ask('forbidden-subresource', `GET ${WIDGETS}/one/parts`)),
  jane(ask('discovery', `GET /apis/${MODERN_GROUP}/v1`)),
  ask('role', `POST ${RBAC}/clusterroles`, {
    body: {
      metadata: { name: '{ns}-widgets' },
      rules: [{ apiGroups: [MODERN_GROUP], resources: ['widgets', 'widgets/exec'], verbs: ['get', 'list', 'create'] }],
    },
  }),
  ask('binding', `POST ${RBAC}/clusterrolebindings`, {
    body: {
      metadata: { name: '{ns}-widgets' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: '{ns}-widgets' },
      subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'jane' }],
    },
  }),
  jane(ask('allowed', `GET ${WIDGETS}/one`, { until: { status: 200 } })),
  jane(ask('with-everything', `GET ${WIDGETS}/one`), believed),
  jane(ask('by-upgrade', `GET ${WIDGETS}/one/exec`), { ...believed, connection: 'Upgrade', upgrade: 'echo/1' }),
  jane(ask('still-forbidden', `DELETE ${WIDGETS}/one`)),
  jane(
    ask('may-i', 'POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews', {
      body: { spec: { resourceAttributes: { verb: 'get', group: MODERN_GROUP, resource: 'widgets', namespace: 'a' } } },
    }),
  ),
  { name: 'binding-gone', request: `DELETE ${RBAC}/clusterrolebindings/{ns}-widgets` },
  { name: 'role-gone', request: `DELETE ${RBAC}/clusterroles/{ns}-widgets` },
  unregister(MODERN),
]);

const OWN = [MODERN_GROUP, OLD_GROUP];
const AROUND = [...OWN, 'apiregistration.k8s.io', 'apps', 'batch', 'storage.k8s.io'];
const entry = (freshness: string, resources: boolean) => ({
  'body.items.0.versions.0.freshness': freshness,
  ...(resources ? {} : { 'body.items.0.versions.0.resources': undefined }),
});
const aggregated = (name: string, more: Partial<Exchange> = {}) =>
  ask(name, 'GET /apis', { accept: AGGREGATED, only: { items: OWN }, ...more });

const discovery = aggregationScript('aggregated-discovery', [
  outside('modern'),
  outside('old'),
  register('modern', apiService(MODERN, 'modern')),
  condition('modern-passed', MODERN, 'Passed'),
  aggregated('modern-aggregated', {
    only: { items: [MODERN_GROUP] },
    until: { 'body.items.0.versions.0.resources.0.resource': 'gadgets' },
  }),
  register('old', apiService(OLD, 'old')),
  condition('old-passed', OLD, 'Passed'),
  aggregated('both-aggregated', { until: { 'body.items.1.versions.0.resources.0.resource': 'widgets' } }),
  ask('legacy', 'GET /apis', { only: { groups: OWN } }),
  ask('modern-group', `GET /apis/${MODERN_GROUP}`),
  ask('modern-version', `GET /apis/${MODERN_GROUP}/v1`),
  ask('old-version', `GET /apis/${OLD_GROUP}/v1`),
  register('second-version', apiService({ ...MODERN, version: 'v1alpha1' }, 'modern', { versionPriority: 20 })),
  condition('second-passed', { ...MODERN, version: 'v1alpha1' }, 'Passed'),
  ask('two-versions', `GET /apis/${MODERN_GROUP}`),
  aggregated('two-versions-aggregated', {
    only: { items: [MODERN_GROUP] },
    until: { 'body.items.0.versions.1.freshness': 'Current', 'body.items.0.versions.0.freshness': 'Current' },
  }),
  register('untold-version', apiService({ ...MODERN, version: 'v2' }, 'modern')),
  condition('untold-passed', { ...MODERN, version: 'v2' }, 'Passed'),
  aggregated('untold-aggregated', {
    only: { items: [MODERN_GROUP] },
    until: { 'body.items.0.versions.1.freshness': 'Current', 'body.items.0.versions.2.freshness': 'Current' },
  }),
  change('raised', `${API_SERVICES}/v1.${MODERN_GROUP}`, { spec: { groupPriorityMinimum: 17_600 } }),
  ask('raised-legacy', 'GET /apis', { only: { groups: AROUND }, until: { 'body.groups.2.name': MODERN_GROUP } }),
  aggregated('raised-aggregated', { only: { items: AROUND }, until: { 'body.items.2.metadata.name': MODERN_GROUP } }),
  change('old-raised', `${API_SERVICES}/v1.${OLD_GROUP}`, { spec: { groupPriorityMinimum: 20_000 } }),
  ask('first-legacy', 'GET /apis', { only: { groups: AROUND }, until: { 'body.groups.1.name': OLD_GROUP } }),
  aggregated('first-aggregated', { only: { items: AROUND }, until: { 'body.items.1.metadata.name': OLD_GROUP } }),
  ask('root', 'GET /', {
    only: {
      paths: [
        `/apis/${MODERN_GROUP}`,
        `/apis/${MODERN_GROUP}/v1`,
        `/apis/${OLD_GROUP}/v1`,
        '/apis/apps',
        '/apis/apps/v1',
      ],
    },
  }),
  change('unreachable', '/api/v1/namespaces/{ns}/services/old', { spec: { externalName: 'nowhere.invalid' } }),
  aggregated('stale', { only: { items: [OLD_GROUP] }, until: entry('Stale', true) }),
  ask('stale-legacy', 'GET /apis', { only: { groups: [OLD_GROUP] } }),
  ask('stale-group', `GET /apis/${OLD_GROUP}`),
  unregister(OLD),
  ...['v1', 'v1alpha1', 'v2'].map((version) => unregister({ ...MODERN, version })),
  aggregated('gone', { until: { 'body.items.length': 0 } }),
  ask('gone-group', `GET /apis/${MODERN_GROUP}`, { until: { status: 404 } }),
]);

export const servingScripts = [proxying, rights, discovery];
