import type { Exchange, Script } from '../../exchange';

/** Exchanges about APIServices and what is behind them. */

export const API_SERVICES = '/apis/apiregistration.k8s.io/v1/apiservices';
export const AGGREGATED = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';

const PLAIN = { group: 'apiregistration.k8s.io', kind: 'APIService' };

export const aggregationScript = (name: string, exchanges: readonly Exchange[]): Script => ({
  name: `aggregation/${name}`,
  ...PLAIN,
  exchanges,
  backend: true,
});

interface GroupVersion {
  group: string;
  version?: string;
}

export const apiServiceName = ({ group, version = 'v1' }: GroupVersion): string => `${version}.${group}`;

/** An APIService for a group that a Service of this name in the script's namespace leads to. */
export const apiService = ({ group, version = 'v1' }: GroupVersion, service: string, more: object = {}) => ({
  metadata: { name: apiServiceName({ group, version }) },
  spec: {
    group,
    version,
    groupPriorityMinimum: 1500,
    versionPriority: 10,
    service: { namespace: '{ns}', name: service, port: '{backend-port}' },
    caBundle: '{backend-ca}',
    ...more,
  },
});

/** JSON with the port as a number. */
const written = (body: object): string => JSON.stringify(body).replaceAll('"{backend-port}"', '{backend-port}');

export const register = (name: string, body: object, query = ''): Exchange => ({
  name,
  request: `POST ${API_SERVICES}${query}`,
  body: written(body),
  type: 'application/json',
  counts: { verb: 'create', detail: 'aggregation' },
});

export const change = (name: string, path: string, body: object): Exchange => ({
  name,
  request: `PATCH ${path}`,
  type: 'application/merge-patch+json',
  body: written(body),
  counts: { verb: 'patch', detail: 'aggregation' },
});

export const replace = (name: string, path: string, body: object): Exchange => ({
  name,
  request: `PUT ${path}`,
  body: written(body),
  counts: { verb: 'update', detail: 'aggregation' },
});

/** A Service that leads out of the cluster, to this computer. */
export const outside = (name: string, host = '127.0.0.1'): Exchange => ({
  name: `service-${name}`,
  request: 'POST /api/v1/namespaces/{ns}/services',
  body: { metadata: { name }, spec: { type: 'ExternalName', externalName: host } },
});

export const ask = (name: string, request: string, more: Partial<Exchange> = {}): Exchange => ({
  name,
  request,
  counts: { verb: verbOf(request), detail: 'aggregation' },
  ...more,
});

const VERBS: Readonly<Record<string, string>> = { POST: 'create', PUT: 'update', PATCH: 'patch', DELETE: 'delete' };
const verbOf = (request: string): string => VERBS[request.split(' ')[0] ?? ''] ?? 'get';

/** Waits for what was found about an APIService. */
export const condition = (name: string, groupVersion: GroupVersion, reason: string): Exchange =>
  ask(name, `GET ${API_SERVICES}/${apiServiceName(groupVersion)}`, {
    until: { 'body.status.conditions.0.reason': reason },
  });

export const unregister = (groupVersion: GroupVersion): Exchange => ({
  name: `unregistered-${apiServiceName(groupVersion).replaceAll('.', '-')}`,
  request: `DELETE ${API_SERVICES}/${apiServiceName(groupVersion)}`,
});
