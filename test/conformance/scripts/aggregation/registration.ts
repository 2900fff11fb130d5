import type { Exchange } from '../../exchange';
import {
  ask,
  aggregationScript,
  apiService,
  API_SERVICES,
  change,
  condition,
  outside,
  register,
  replace,
  unregister,
} from './steps';

const GROUP = 'told.aggregation.test';
const ONE = { group: GROUP };
const NAME = `${API_SERVICES}/v1.${GROUP}`;
const SERVICES = '/api/v1/namespaces/{ns}/services';
const SLICES = '/apis/discovery.k8s.io/v1/namespaces/{ns}/endpointslices';

const refused = (name: string, more: object, metadata: object = {}): Exchange => {
  const body = apiService(ONE, 'api');
  return register(
    name,
    { metadata: { ...body.metadata, ...metadata }, spec: { ...body.spec, ...more } },
    '?dryRun=All',
  );
};
const at = (more: object) => ({ service: { namespace: '{ns}', name: 'api', port: 443, ...more } });

const rules = aggregationScript('api-service-rules', [
  refused('as-it-should-be', {}),
  refused('other-name', {}, { name: 'other' }),
  refused('wrong-segment', {}, { name: 'a/b' }),
  refused('no-group', { group: '' }, { name: 'v1.' }),
  refused('v2-without-group', { group: '', version: 'v2' }, { name: 'v2.' }),
  refused('wrong-group', { group: 'Not_A_Domain' }, { name: 'v1.Not_A_Domain' }),
  refused('wrong-version', { version: '1' }, { name: `1.${GROUP}` }),
  refused('no-version', { version: '' }, { name: `.${GROUP}` }),
  refused('no-priorities', { groupPriorityMinimum: 0, versionPriority: 0 }),
  refused('negative-priorities', { groupPriorityMinimum: -1, versionPriority: -1 }),
  refused('large-priorities', { groupPriorityMinimum: 20_001, versionPriority: 1001 }),
  refused('largest-priorities', { groupPriorityMinimum: 20_000, versionPriority: 1000 }),
  refused('no-namespace', at({ namespace: '' })),
  refused('no-service-name', at({ name: '' })),
  refused('port-zero', at({ port: 0 })),
  refused('port-large', at({ port: 65_536 })),
  refused('port-negative', at({ port: -1 })),
  refused('port-left-out', at({ port: undefined })),
  refused('both-trusts', { insecureSkipTLSVerify: true }),
  refused('local-with-bundle', { service: null }),
  refused('local-insecure', { service: null, caBundle: null, insecureSkipTLSVerify: true }),
  refused('local', { service: null, caBundle: null }),
  refused('bundle-no-base64', { caBundle: '&&' }),
  refused('bundle-no-pem', { caBundle: 'bm90aGluZw==' }),
  refused('unknown-field', { colour: 'red' }),
  refused('wrong-types', { groupPriorityMinimum: 'many', service: 'api' }),
  register('empty', {}, '?dryRun=All'),
  register('status-at-creation', {
    ...apiService(ONE, 'api'),
    status: { conditions: [{ type: 'Odd', status: 'True' }] },
  }),
  condition('nothing-there', ONE, 'ServiceNotFound'),
  change('status-through-main', NAME, { status: { conditions: [] } }),
  change('wrong-condition', `${NAME}/status`, { status: { conditions: [{ type: 'Mine', status: 'Perhaps' }] } }),
  change('spec-through-status', `${NAME}/status`, { spec: { versionPriority: 99 } }),
  ask('status', `GET ${NAME}/status`),
  replace('without-revision', NAME, apiService(ONE, 'api')),
  replace('renamed', NAME, { ...apiService(ONE, 'api'), metadata: { name: 'v2.x' } }),
  change('group-changed', NAME, { spec: { group: 'other.aggregation.test' } }),
  change('version-changed', NAME, { spec: { version: 'v2' } }),
  change('becomes-local', NAME, { spec: { service: null, caBundle: null } }),
  condition('is-local', ONE, 'Local'),
  ask('table', `GET ${NAME}`, { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json' }),
  unregister(ONE),
  ask('gone', `GET ${NAME}`),
]);

/** What stands in the way before the server is asked. */
const obstacles = aggregationScript('api-service-obstacles', [
  register('registered', apiService(ONE, 'api', at({ port: 443 }))),
  condition('no-service', ONE, 'ServiceNotFound'),
  ask('unavailable', `GET /apis/${GROUP}/v1/widgets`),
  ask('unavailable-discovery', `GET /apis/${GROUP}/v1`),
  ask('unavailable-write', `POST /apis/${GROUP}/v1/widgets`, { body: {} }),
  ask('unavailable-table', `GET ${NAME}`, { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json' }),
  ask('group', `GET /apis/${GROUP}`),
  ask('version-unknown', `GET /apis/${GROUP}/v7`),
  ask('below-unknown', `GET /apis/${GROUP}/v7/widgets`),
  ask('service', `POST ${SERVICES}`, {
    body: { metadata: { name: 'api' }, spec: { ports: [{ name: 'web', port: 80 }] } },
  }),
  condition('other-port', ONE, 'ServicePortError'),
  ask('ports', `PATCH ${SERVICES}/api`, {
    type: 'application/merge-patch+json',
    body: { spec: { ports: [{ name: 'https', port: 443 }] } },
  }),
  condition('no-slices', ONE, 'EndpointsNotFound'),
  ask('empty-slice', `POST ${SLICES}`, {
    body: {
      metadata: { name: 'api-1', labels: { 'kubernetes.io/service-name': 'api' } },
      addressType: 'IPv4',
      endpoints: [],
      ports: [{ name: 'https', port: 443 }],
    },
  }),
  condition('no-endpoints', ONE, 'MissingEndpoints'),
  change('unready', `${SLICES}/api-1`, { endpoints: [{ addresses: ['10.1.2.3'], conditions: { ready: false } }] }),
  condition('none-ready', ONE, 'MissingEndpoints'),
  change('other-port-name', `${SLICES}/api-1`, {
    endpoints: [{ addresses: ['10.1.2.3'], conditions: { ready: true } }],
    ports: [{ name: 'web', port: 443 }],
  }),
  condition('port-not-named', ONE, 'MissingEndpoints'),
  change('other-service', NAME, { spec: { service: { name: 'elsewhere' } } }),
  condition('elsewhere-not-there', ONE, 'ServiceNotFound'),
  outside('elsewhere', 'nowhere.invalid'),
  unregister(ONE),
]);

export const registrationScripts = [rules, obstacles];
