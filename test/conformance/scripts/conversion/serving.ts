import { apply, ask, conversionScript, defined, host, hosts, merge, undefined_ } from './steps';

/** What every verb does in the version that is stored and in the one that is not. */

const GROUP = 'serving.example.com';
const [V1, V2] = ['v1', 'v2'].map((version) => hosts(GROUP, version)) as [string, string];
const h1 = (name: string, hostPort: string) => host(`${GROUP}/v1`, name, { hostPort });
const h2 = (name: string, spec: { host: string; port: number } & Record<string, unknown>, metadata = {}) =>
  host(`${GROUP}/v2`, name, spec, metadata);

const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json';
const METADATA = 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io,application/json';

export const servingScript = conversionScript('conversion-serving', [
  ...defined({ group: GROUP }),
  ask('create-v1', `POST ${V1}`, { body: h1('one', 'a:80') }),
  ask('create-v2', `POST ${V2}`, {
    body: h2('two', { host: 'b', port: 81, tier: 'back' }, { labels: { app: 'two' } }),
  }),
  ask('get-one-v1', `GET ${V1}/one`),
  ask('get-one-v2', `GET ${V2}/one`),
  ask('get-two-v1', `GET ${V1}/two`),
  ask('get-two-v2', `GET ${V2}/two`),
  ask('list-v1', `GET ${V1}`),
  ask('list-v2', `GET ${V2}`),
  ask('page-v2', `GET ${V2}?limit=1`),
  ask('table-v2', `GET ${V2}`, { accept: TABLE }),
  ask('metadata-v2', `GET ${V2}`, { accept: METADATA }),
  ask('by-label-v2', `GET ${V2}?labelSelector=app%3Dtwo`),
  ask('by-field-v2', `GET ${V2}?fieldSelector=spec.host%3Db`),
  ask('by-field-v1', `GET ${V1}?fieldSelector=spec.hostPort%3Da:80`),
  ask('by-field-of-v1-in-v2', `GET ${V2}?fieldSelector=spec.hostPort%3Da:80`),
  ask('dry-create-v2', `POST ${V2}?dryRun=All`, { body: h2('dry', { host: 'c', port: 82 }) }),
  ask('wrong-v2', `POST ${V2}?dryRun=All`, { body: h2('wrong', { host: 'c', port: 101 }) }),
  ask('wrong-only-in-v2', `POST ${V1}?dryRun=All`, { body: h1('wrong', 'too-long-for-v2:101') }),
  ask('unknown-field-v2', `POST ${V2}?dryRun=All`, { body: h2('odd', { host: 'c', port: 82, hostPort: 'c:82' }) }),
  ask('strict-v2', `POST ${V2}?dryRun=All&fieldValidation=Strict`, {
    body: h2('odd', { host: 'c', port: 82, hostPort: 'c:82' }),
  }),
  ask('other-version-in-body', `POST ${V2}?dryRun=All`, { body: h1('odd', 'a:80') }),
  merge('merge-v2', `${V2}/one`, { spec: { port: 90 } }),
  merge('merge-v1', `${V1}/two`, { spec: { hostPort: 'b:91' } }),
  merge('merge-nothing-v2', `${V2}/one`, { spec: { port: 90 } }),
  merge('merge-wrong-v2', `${V2}/one`, { spec: { port: 101 } }),
  ask('json-v2', `PATCH ${V2}/one`, {
    type: 'application/json-patch+json',
    body: [
      { op: 'test', path: '/spec/host', value: 'a' },
      { op: 'replace', path: '/spec/host', value: 'aa' },
    ],
  }),
  ask('put-v2', `PUT ${V2}/two`, {
    body: h2('two', { host: 'bb', port: 92 }, { resourceVersion: '{revision}', labels: { app: 'two' } }),
    with: { revision: 'merge-v1.metadata.resourceVersion' },
  }),
  ask('put-stale-v2', `PUT ${V2}/two`, {
    body: h2('two', { host: 'bb', port: 93 }, { resourceVersion: '{revision}' }),
    with: { revision: 'merge-v1.metadata.resourceVersion' },
  }),
  ask('put-without-revision-v2', `PUT ${V2}/two`, { body: h2('two', { host: 'bb', port: 93 }) }),
  ask('put-missing-v2', `PUT ${V2}/three`, { body: h2('three', { host: 'bb', port: 93 }) }),
  merge('status-v2', `${V2}/one/status`, { status: { phase: 'Up', replicas: 1 }, spec: { port: 1 } }),
  ask('get-status-v1', `GET ${V1}/one/status`),
  merge('status-merge-v1', `${V1}/one/status`, { status: { phase: 'Down' } }),
  merge('replicas-v2', `${V2}/one`, { spec: { replicas: 2 } }),
  ask('scale-v2', `GET ${V2}/one/scale`),
  merge('scale-to-v2', `${V2}/one/scale`, { spec: { replicas: 3 } }),
  ask('scaled-v1', `GET ${V1}/one`),
  ask('watch-v2', `GET ${V2}?watch=true&timeoutSeconds=10&resourceVersion={from}`, {
    with: { from: 'create-v2.metadata.resourceVersion' },
    events: 8,
  }),
  ask('watch-initial-v2', `GET ${V2}?watch=true&timeoutSeconds=10`, { events: 2 }),
  ask(
    'watch-selected-v2',
    `GET ${V2}?watch=true&timeoutSeconds=10&resourceVersion={from}&fieldSelector=spec.host%3Da`,
    {
      with: { from: 'create-v2.metadata.resourceVersion' },
      events: 2,
    },
  ),
  ask('watch-table-v2', `GET ${V2}?watch=true&timeoutSeconds=10&resourceVersion={from}`, {
    with: { from: 'create-v2.metadata.resourceVersion' },
    accept: TABLE,
    events: 2,
  }),
  ask('delete-v2', `DELETE ${V2}/one`),
  ask('delete-missing-v2', `DELETE ${V2}/one`),
  ask('delete-collection-v2', `DELETE ${V2}?labelSelector=app%3Dtwo`),
  ask('nothing-left', `GET ${V1}`),
  undefined_(GROUP),
]);

const OWN = 'ownership.example.com';
const [O1, O2] = ['v1', 'v2'].map((version) => hosts(OWN, version)) as [string, string];
const o1 = (name: string, spec: object) => host(`${OWN}/v1`, name, { ...spec });
const o2 = (name: string, spec: object) => host(`${OWN}/v2`, name, { ...spec });
const as = (path: string, manager: string, more = '') => `${path}?fieldManager=${manager}${more}`;

/** Who owns what, when owners write in different versions. */
export const ownershipScript = conversionScript('conversion-owners', [
  ...defined({ group: OWN }),
  ask('first', `POST ${as(O1, 'first')}`, { body: o1('one', { hostPort: 'a:80' }) }),
  merge('other-port-v2', as(`${O2}/one`, 'second'), { spec: { port: 81 } }),
  merge('same-manager-v2', as(`${O2}/one`, 'first'), { spec: { host: 'b' } }),
  merge('back-in-v1', as(`${O1}/one`, 'third'), { spec: { hostPort: 'c:83' } }),
  apply('apply-v1', as(`${O1}/two`, 'a'), o1('two', { hostPort: 'a:80' })),
  apply('apply-v2-same-manager', as(`${O2}/two`, 'a'), o2('two', { host: 'a', port: 80 })),
  apply('apply-v2-change', as(`${O2}/two`, 'a'), o2('two', { host: 'a', port: 81 })),
  apply('apply-v1-conflict', as(`${O1}/two`, 'b'), o1('two', { hostPort: 'b:82' })),
  apply('apply-v2-conflict', as(`${O2}/two`, 'c'), o2('two', { port: 83 })),
  apply('apply-v1-agrees', as(`${O1}/two`, 'b'), o1('two', { hostPort: 'a:81' })),
  apply('apply-v1-forced', as(`${O1}/two`, 'b', '&force=true'), o1('two', { hostPort: 'b:82' })),
  apply('apply-v2-less', as(`${O2}/three`, 'a'), o2('three', { host: 'a', port: 80, replicas: 2 })),
  apply('apply-v1-without', as(`${O1}/three`, 'a'), o1('three', { hostPort: 'a:80' })),
  apply('apply-v2-without', as(`${O2}/three`, 'a'), o2('three', {})),
  merge('update-v1', as(`${O1}/four-missing`, 'x'), { spec: {} }),
  apply('apply-status-v2', as(`${O2}/two/status`, 'status'), {
    ...o2('two', {}),
    spec: undefined,
    status: { phase: 'Up' },
  }),
  merge('status-v1', as(`${O1}/two/status`, 'other-status'), { status: { phase: 'Down' } }),
  ask('seen-v1', `GET ${O1}/two`),
  ask('seen-v2', `GET ${O2}/two`),
  undefined_(OWN),
]);
