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

const ONE = { group: 'failing.aggregation.test' };
const NAME = `${API_SERVICES}/v1.${ONE.group}`;
const WIDGETS = `/apis/${ONE.group}/v1/widgets`;

const asked = (name: string): Exchange => ask(`${name}-asked`, `GET ${WIDGETS}`);

const failed = (port: string, why: string): string => {
  const url = `https://127.0.0.1:${port}/apis/${ONE.group}/v1`;
  return `failing or missing response from ${url}: Get "${url}": ${why}`;
};
const found = (name: string, message: string): Exchange =>
  ask(name, `GET ${NAME}`, { until: { 'body.status.conditions.0.message': message } });

/** How an APIService fails, is seen to, and comes back. */
const failures = aggregationScript('api-service-failures', [
  outside('modern'),
  outside('broken'),
  outside('silent'),
  outside('impostor'),
  register('broken', apiService(ONE, 'broken')),
  condition('broken-found', ONE, 'FailedDiscoveryCheck'),
  asked('broken'),
  ask('broken-aggregated', 'GET /apis', {
    accept: AGGREGATED,
    only: { items: [ONE.group] },
    until: { 'body.items.0.versions.0.freshness': 'Stale' },
  }),
  change('mended', NAME, { spec: { service: { name: 'modern' } } }),
  condition('mended-found', ONE, 'Passed'),
  ask('mended-asked', `GET ${WIDGETS}`, { until: { status: 200 } }),
  change('impostor', NAME, { spec: { service: { name: 'impostor' } } }),
  condition('impostor-found', ONE, 'FailedDiscoveryCheck'),
  asked('impostor'),
  change('believed', NAME, { spec: { insecureSkipTLSVerify: true, caBundle: null } }),
  condition('believed-found', ONE, 'Passed'),
  ask('believed-asked', `GET ${WIDGETS}`, { until: { status: 200 } }),
  change('untrusted', NAME, { spec: { insecureSkipTLSVerify: false, service: { name: 'modern' } } }),
  condition('untrusted-found', ONE, 'FailedDiscoveryCheck'),
  change('silent', NAME, { spec: { caBundle: '{backend-ca}', service: { name: 'silent' } } }),
  found('silent-found', failed('{backend-port}', 'EOF')),
  change('closed', NAME, { spec: { service: { name: 'modern', port: 1 } } }),
  found('closed-found', failed('1', 'dial tcp 127.0.0.1:1: connect: connection refused')),
  unregister(ONE),
]);

/** The APIServices that the server makes itself. */
const own = aggregationScript('own-api-services', [
  ask('core', `GET ${API_SERVICES}/v1.`),
  ask('apps', `GET ${API_SERVICES}/v1.apps`),
  ask('unserved', `GET ${API_SERVICES}/v1.apiregistration.k8s.io`),
  ask('all', `GET ${API_SERVICES}?labelSelector=kube-aggregator.kubernetes.io%2Fautomanaged%3Donstart`),
  ask('names', `GET ${API_SERVICES}?labelSelector=kube-aggregator.kubernetes.io%2Fautomanaged%3Donstart`, {
    accept: 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json',
  }),
  change('built-in-edited', `${API_SERVICES}/v1.batch`, { spec: { versionPriority: 16 } }),
  ask('built-in-stays', `GET ${API_SERVICES}/v1.batch`),
  change('built-in-back', `${API_SERVICES}/v1.batch`, { spec: { versionPriority: 15 } }),
]);

const CUSTOM = { group: 'custom.aggregation.test' };
const CUSTOM_NAME = `${API_SERVICES}/v1.${CUSTOM.group}`;
const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const version = (name: string) => ({
  name,
  served: true,
  storage: name === 'v1',
  schema: { openAPIV3Schema: { type: 'object' } },
});
const priority = (value: number) => ({ until: { 'body.spec.versionPriority': value } });

/** Those of CustomResourceDefinitions are kept as they should be, unless somebody takes them over. */
const managed = aggregationScript('managed-api-services', [
  ask('definition', `POST ${DEFINITIONS}`, {
    body: {
      metadata: { name: `things.${CUSTOM.group}` },
      spec: {
        group: CUSTOM.group,
        scope: 'Cluster',
        names: { plural: 'things', kind: 'Thing' },
        versions: [version('v1'), version('v1beta1')],
      },
    },
  }),
  ask('made', `GET ${CUSTOM_NAME}`, { until: { status: 200 } }),
  ask('made-second', `GET ${API_SERVICES}/v1beta1.${CUSTOM.group}`, { until: { status: 200 } }),
  change('edited', CUSTOM_NAME, { spec: { versionPriority: 7 }, metadata: { labels: { mine: 'yes' } } }),
  ask('edit-undone', `GET ${CUSTOM_NAME}`, priority(100)),
  ask('deleted', `DELETE ${CUSTOM_NAME}`),
  ask('made-again', `GET ${CUSTOM_NAME}`, { until: { status: 200 } }),
  change('taken-over', CUSTOM_NAME, { metadata: { labels: { 'kube-aggregator.kubernetes.io/automanaged': null } } }),
  change('edited-freely', CUSTOM_NAME, { spec: { versionPriority: 9, groupPriorityMinimum: 19_000 } }),
  ask('served-first', 'GET /apis', {
    only: { groups: ['apps', CUSTOM.group] },
    until: { 'body.groups.0.name': CUSTOM.group },
  }),
  ask('edit-stays', `GET ${CUSTOM_NAME}`),
  register('nobodys', { ...local('v1', 'nobodys.aggregation.test', 'true') }),
  ask('nobodys-gone', `GET ${API_SERVICES}/v1.nobodys.aggregation.test`, { until: { status: 404 } }),
  register('on-start', { ...local('v1', 'late.aggregation.test', 'onstart') }),
  ask('on-start-stays', `GET ${API_SERVICES}/v1.late.aggregation.test`),
  ask('on-start-group', 'GET /apis/late.aggregation.test', { until: { status: 200 } }),
  ask('on-start-version', 'GET /apis/late.aggregation.test/v1'),
  ask('on-start-resource', 'GET /apis/late.aggregation.test/v1/things'),
  unregister({ group: 'late.aggregation.test' }),
  ask('definition-gone', `DELETE ${DEFINITIONS}/things.${CUSTOM.group}`),
  ask('second-gone', `GET ${API_SERVICES}/v1beta1.${CUSTOM.group}`, { until: { status: 404 } }),
  ask('taken-over-stays', `GET ${CUSTOM_NAME}`),
  unregister(CUSTOM),
]);

function local(named: string, group: string, automanaged: string) {
  return {
    metadata: { name: `${named}.${group}`, labels: { 'kube-aggregator.kubernetes.io/automanaged': automanaged } },
    spec: { group, version: named, groupPriorityMinimum: 100, versionPriority: 10 },
  };
}

export const failureScripts = [failures, own, managed];
