import type { Exchange, Script } from '../exchange';

/** What connects to nodes and servers, as far as it is refused before anybody is reached, and limits of bodies. */

const PODS = '/api/v1/namespaces/{ns}/pods';
const SERVICES = '/api/v1/namespaces/{ns}/services';
const CONFIG_MAPS = '/api/v1/namespaces/{ns}/configmaps';
const NODES = '/api/v1/nodes';
const STRATEGIC_PATCH = 'application/strategic-merge-patch+json';
const MERGE_PATCH = 'application/merge-patch+json';
const JSON_PATCH = 'application/json-patch+json';

const container = (name: string, more: object = {}) => ({ name, image: 'nginx', ...more });

const pod = (name: string, spec: object) => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec });

const create = (name: string, path: string, body: unknown): Exchange => ({ name, request: `POST ${path}`, body });

/** A Pod that no node has, and one whose node does not exist. */
const twoPods: readonly Exchange[] = [
  create(
    'two',
    PODS,
    pod('two', {
      initContainers: [container('setup')],
      containers: [container('web', { ports: [{ name: 'http', containerPort: 8080 }] }), container('side')],
    }),
  ),
  create('lost', PODS, pod('lost', { nodeName: 'nowhere', containers: [container('web')] })),
];

const asked =
  (detail: string) =>
  (name: string, request: string, more: Partial<Exchange> = {}) => ({
    name,
    request,
    counts: { verb: request.startsWith('GET') ? 'get' : 'create', detail },
    ...more,
  });

const log = asked('log');

const logs: Script = {
  name: 'connect/pod-logs',
  group: '',
  kind: 'Pod',
  exchanges: [
    ...twoPods,
    log('of-nobody', `GET ${PODS}/nobody/log`),
    log('unnamed', `GET ${PODS}/two/log`),
    log('unknown', `GET ${PODS}/two/log?container=none`),
    log('waiting', `GET ${PODS}/two/log?container=web`),
    log('of-init', `GET ${PODS}/two/log?container=setup&tailLines=0`),
    log('lost', `GET ${PODS}/lost/log`),
    log('lost-unknown', `GET ${PODS}/lost/log?container=none`),
    ...[
      'tailLines=-1',
      'tailLines=many',
      'tailLines=1.5',
      'limitBytes=0',
      'limitBytes=-2',
      'sinceSeconds=0',
      'sinceSeconds=-5',
      'sinceSeconds=10&sinceTime=2026-01-01T00:00:00Z',
      'sinceTime=yesterday',
      'sinceTime=2026-01-01T00:00:00.5%2B02:00',
      'follow=maybe',
      'follow=false&previous=true&timestamps=1',
      'follow',
      'stream=All',
      'stream=Stdout',
      'stream=Sideways',
      'stream=Stderr&tailLines=4',
      'insecureSkipTLSVerifyBackend=true',
      'tailLines=-1&limitBytes=0&sinceSeconds=0',
      'tailLines=1&tailLines=-2',
    ].map((query, index) => log(`parameters-${index}`, `GET ${PODS}/two/log?container=web&${query}`)),
    log('written', `POST ${PODS}/two/log`, { body: {} }),
    log('as-yaml', `GET ${PODS}/two/log?container=web`, { accept: 'application/yaml' }),
    log('as-text', `GET ${PODS}/two/log?container=web`, { accept: 'text/plain' }),
    log('as-image', `GET ${PODS}/two/log?container=web`, { accept: 'image/png' }),
    log('as-table', `GET ${PODS}/two/log`, { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' }),
  ],
};

const STREAMS = [
  ['exec', 'command=date&stdout=true'],
  ['attach', 'stdout=true'],
  ['portforward', 'ports=80'],
] as const;

const streams: Script = {
  name: 'connect/pod-streams',
  group: '',
  kind: 'Pod',
  exchanges: [
    ...twoPods,
    ...STREAMS.flatMap(([subresource, query]) => {
      const stream = asked(subresource);
      const container = subresource === 'portforward' ? '' : '&container=web';
      return [
        stream(`${subresource}-nobody`, `GET ${PODS}/nobody/${subresource}?${query}`),
        stream(`${subresource}-unnamed`, `POST ${PODS}/two/${subresource}?${query}`),
        stream(`${subresource}-unknown`, `POST ${PODS}/two/${subresource}?${query}&container=none`),
        stream(`${subresource}-waiting`, `POST ${PODS}/two/${subresource}?${query}${container}`),
        stream(`${subresource}-lost`, `POST ${PODS}/lost/${subresource}?${query}`),
        stream(`${subresource}-read`, `GET ${PODS}/lost/${subresource}?${query}`),
        stream(`${subresource}-no-parameters`, `POST ${PODS}/lost/${subresource}`),
        stream(`${subresource}-put`, `PUT ${PODS}/lost/${subresource}?${query}`, { body: {} }),
        stream(`${subresource}-deleted`, `DELETE ${PODS}/lost/${subresource}?${query}`),
        stream(`${subresource}-patched`, `PATCH ${PODS}/lost/${subresource}?${query}`, { body: {}, type: MERGE_PATCH }),
      ];
    }),
    asked('exec')('exec-no-streams', `POST ${PODS}/lost/exec?command=date`),
    asked('exec')('exec-odd-flags', `POST ${PODS}/lost/exec?command=date&stdin=perhaps&tty=1`),
    asked('portforward')('portforward-odd-port', `POST ${PODS}/lost/portforward?ports=http`),
    asked('portforward')('portforward-far-port', `POST ${PODS}/lost/portforward?ports=70000`),
  ],
};

const proxied = asked('proxy');

const proxies: Script = {
  name: 'connect/proxies',
  group: '',
  kind: 'Service',
  exchanges: [
    ...twoPods,
    create('service', SERVICES, {
      metadata: { name: 'web' },
      spec: { ports: [{ name: 'http', port: 80, targetPort: 'http' }], selector: { app: 'web' } },
    }),
    create('ports', SERVICES, {
      metadata: { name: 'ports' },
      spec: {
        ports: [
          { name: 'http', port: 80 },
          { name: 'admin', port: 81 },
        ],
      },
    }),
    create('away', SERVICES, {
      metadata: { name: 'away' },
      spec: { type: 'ExternalName', externalName: 'example.com' },
    }),
    create('node', NODES, { metadata: { name: 'unheard-of' } }),
    ...['two', 'nobody', 'https:two:8080', 'ftp:two:80', 'two:http', 'a:b:c:d', ':two', 'two:'].map((name, index) =>
      proxied(`pod-${index}`, `GET ${PODS}/${name}/proxy/`),
    ),
    proxied('pod-root', `GET ${PODS}/two/proxy`),
    proxied('pod-post', `POST ${PODS}/two/proxy/some/path?a=b`, { body: { any: 'thing' } }),
    ...[
      'web',
      'nobody',
      'web:80',
      'web:http',
      'web:81',
      'web:https',
      'https:web:http',
      'ftp:web:80',
      'ports',
      'ports:81',
      'ports:admin',
      'away',
      'away:80',
      'a:b:c:d',
    ].map((name, index) => proxied(`service-${index}`, `GET ${SERVICES}/${name}/proxy/`)),
    proxied('service-root', `GET ${SERVICES}/web/proxy`),
    proxied('service-put', `PUT ${SERVICES}/web/proxy/thing`, { body: { any: 'thing' } }),
    proxied('node-nobody', `GET ${NODES}/nobody/proxy/metrics`),
    proxied('node-unheard-of', `GET ${NODES}/unheard-of/proxy/metrics`),
    proxied('node-port', `GET ${NODES}/unheard-of:9100/proxy/metrics`),
    proxied('node-scheme', `GET ${NODES}/ftp:unheard-of:9100/proxy/metrics`),
    { name: 'node-gone', request: `DELETE ${NODES}/unheard-of` },
  ],
};

const nested = (open: string, close: string, depth: number) => `${open.repeat(depth)}1${close.repeat(depth)}`;

const bomb = `data: &a [x,x,x,x,x,x,x,x,x]\n${[...'bcdefghi']
  .map((name, at) => `${name}: &${name} [${Array<string>(9).fill(`*${'abcdefghi'[at]}`).join(',')}]`)
  .join('\n')}\n`;

const limited = (name: string, request: string, more: Partial<Exchange>): Exchange => ({
  name,
  request,
  counts: { verb: request.startsWith('POST') ? 'create' : 'patch', detail: 'limits' },
  ...more,
});

const patchOf = (count: number) => Array.from({ length: count }, () => ({ op: 'test', path: '/data/a', value: 'b' }));

const limits: Script = {
  name: 'connect/body-limits',
  group: '',
  kind: 'ConfigMap',
  exchanges: [
    create('map', CONFIG_MAPS, { metadata: { name: 'map' }, data: { a: 'b' } }),
    create('web', PODS, pod('web', { containers: [container('web')] })),
    limited('most-operations', `PATCH ${CONFIG_MAPS}/map`, { type: JSON_PATCH, body: patchOf(10_000) }),
    limited('too-many-operations', `PATCH ${CONFIG_MAPS}/map`, { type: JSON_PATCH, body: patchOf(10_001) }),
    limited('large-body', `POST ${CONFIG_MAPS}`, {
      body: { metadata: { name: 'large' }, data: { text: 'x'.repeat(3_200_000) } },
    }),
    limited('large-object', `POST ${CONFIG_MAPS}`, {
      body: { metadata: { name: 'large' }, data: { text: 'x'.repeat(1_100_000) } },
    }),
    limited('large-annotations', `POST ${CONFIG_MAPS}`, {
      body: { metadata: { name: 'large', annotations: { a: 'x'.repeat(300_000) } } },
    }),
    limited('deep-json', `POST ${CONFIG_MAPS}`, {
      body: `{"metadata":{"name":"deep"},"x":${nested('[', ']', 10_001)}}`,
    }),
    limited('not-so-deep-json', `POST ${CONFIG_MAPS}?dryRun=All`, {
      body: `{"metadata":{"name":"deep"},"x":${nested('[', ']', 900)}}`,
    }),
    limited('deep-yaml', `POST ${CONFIG_MAPS}`, {
      type: 'application/yaml',
      body: `metadata: {name: deep}\nx: ${nested('[', ']', 10_001)}\n`,
    }),
    limited('yaml-bomb', `POST ${CONFIG_MAPS}`, { type: 'application/yaml', body: bomb }),
    limited('yaml-bomb-applied', `PATCH ${CONFIG_MAPS}/map?fieldManager=me`, {
      type: 'application/apply-patch+yaml',
      body: bomb,
    }),
    ...[
      ['cut', 'metadata: {name: cut\ndata: ['],
      ['list', '- a\n- b\n'],
      ['word', 'word'],
      ['tabs', 'metadata:\n\tname: tabs\n'],
      ['many-aliases', `a: &a {b: c}\ndata: {}\nx: [${Array<string>(2000).fill('*a').join(',')}]\n`],
      ['unknown-alias', 'metadata: *nobody\n'],
      ['itself', 'metadata: &a {name: itself, labels: *a}\n'],
      ['two-documents', 'metadata: {name: first}\n---\nmetadata: {name: second}\n'],
    ].flatMap(([name = '', body]) => [
      limited(`yaml-${name}`, `POST ${CONFIG_MAPS}?dryRun=All`, { type: 'application/yaml', body }),
      limited(`applied-${name}`, `PATCH ${CONFIG_MAPS}/map?fieldManager=me&dryRun=All`, {
        type: 'application/apply-patch+yaml',
        body,
      }),
    ]),
    limited('copies', `PATCH ${CONFIG_MAPS}/map`, {
      type: JSON_PATCH,
      body: [
        { op: 'add', path: '/metadata/annotations', value: { a: 'x'.repeat(1000) } },
        ...Array.from({ length: 5000 }, (_, at) => ({
          op: 'copy',
          from: '/metadata/annotations/a',
          path: `/metadata/annotations/a${at}`,
        })),
      ],
    }),
    limited('truncated-protobuf', `POST ${CONFIG_MAPS}`, {
      type: 'application/vnd.kubernetes.protobuf',
      body: 'k8s\u0000\n\u0005',
    }),
    limited('no-protobuf', `POST ${CONFIG_MAPS}`, { type: 'application/vnd.kubernetes.protobuf', body: '{}' }),
    limited('unknown-type', `POST ${CONFIG_MAPS}`, { type: 'text/csv', body: 'a,b' }),
    limited('cut-json', `POST ${CONFIG_MAPS}`, { body: '{"metadata":{"name":' }),
    limited('empty', `POST ${CONFIG_MAPS}`, { body: '' }),
    ...[
      { metadata: { labels: 'a' } },
      { metadata: { labels: { a: 1 } } },
      { spec: { containers: { name: 'x' } } },
      { spec: [] },
      { spec: { priority: 'high' } },
      { spec: { nodeName: true } },
      { spec: { restartPolicy: 1 } },
      { spec: { activeDeadlineSeconds: 1.5 } },
      { metadata: { creationTimestamp: 'now' } },
      { spec: { containers: [{ name: 'web', resources: { limits: { cpu: 'lots' } } }] } },
    ].map((body, index) => limited(`unfit-${index}`, `PATCH ${PODS}/web`, { type: STRATEGIC_PATCH, body })),
  ],
};

export const connectScripts: readonly Script[] = [logs, streams, proxies, limits];
