import { conversionBehaviours } from '#test/harness/conversion-webhook';
import type { Exchange } from '../../exchange';
import { ask, conversionScript, defined, host, hosts, merge, undefined_, type Defined } from './steps';

/** What clients are told when a webhook cannot be asked, or does not answer as it should. */

const UNUSUAL: Readonly<Record<string, Omit<Defined, 'group'>>> = {
  unreachable: { clientConfig: { url: 'https://127.0.0.1:1/convert', caBundle: '{webhook-ca}' } },
  unknown: { clientConfig: { url: 'https://127.0.0.1:{webhook-port}/convert' } },
  'no-service': {
    clientConfig: { service: { namespace: '{ns}', name: 'none', path: '/convert' }, caBundle: '{webhook-ca}' },
  },
  'old-versions': { reviewVersions: ['v1beta1'] },
  'versions-of-the-future': { reviewVersions: ['v3', 'v1'] },
};

const CASES: readonly [name: string, what: Omit<Defined, 'group'>][] = [
  ...conversionBehaviours.filter((name) => name !== 'choosy').map((answers) => [answers, { answers }] as const),
  ...Object.entries(UNUSUAL),
].map(([name, what]) => [name, what]);

/** An object that is stored unconverted, read and written in the other version. */
function exchangesOf(name: string, what: Omit<Defined, 'group'>): Exchange[] {
  const group = `${name}.example.com`;
  const [v1, v2] = ['v1', 'v2'].map((version) => hosts(group, version)) as [string, string];
  const metadata = { labels: { app: 'one' }, annotations: { note: 'mine' }, finalizers: ['example.com/held'] };
  return [
    ...defined({ group, ...what }),
    ask(`${name}-stored`, `POST ${v1}`, { body: host(`${group}/v1`, 'one', { hostPort: 'a:80' }, metadata) }),
    ask(`${name}-get`, `GET ${v2}/one`),
    ask(`${name}-page`, `GET ${v2}?limit=500`),
    ask(`${name}-create`, `POST ${v2}`, { body: host(`${group}/v2`, 'two', { host: 'b', port: 81 }) }),
    merge(`${name}-patch`, `${v2}/one`, { spec: { port: 82 } }),
    ask(`${name}-delete`, `DELETE ${v2}/one`),
    ask(`${name}-left`, `GET ${v1}`),
    merge(`${name}-let-go`, `${v1}/one`, { metadata: { finalizers: null } }),
    undefined_(group),
  ];
}

export const wrongAnswersScript = conversionScript(
  'wrong-answers',
  CASES.flatMap(([name, what]) => exchangesOf(name, what)),
);

const GROUP = 'choosy.example.com';
const [V1, V2] = ['v1', 'v2'].map((version) => hosts(GROUP, version)) as [string, string];

/** One object of several cannot be converted. */
export const oneOfManyScript = conversionScript('one-of-many', [
  ...defined({ group: GROUP, answers: 'choosy' }),
  ask('good', `POST ${V1}`, { body: host(`${GROUP}/v1`, 'a-good', { hostPort: 'a:80' }) }),
  ask('bad', `POST ${V1}`, { body: host(`${GROUP}/v1`, 'b-bad', { hostPort: 'b:80' }) }),
  ask('get-good', `GET ${V2}/a-good`),
  ask('get-bad', `GET ${V2}/b-bad`),
  ask('page-of-one', `GET ${V2}?limit=1`),
  ask('whole-page', `GET ${V2}?limit=500`),
  ask('list-v1', `GET ${V1}`),
  ask('create-bad', `POST ${V2}`, { body: host(`${GROUP}/v2`, 'c-bad', { host: 'c', port: 80 }) }),
  ask('put-bad', `PUT ${V2}/b-bad`, { body: host(`${GROUP}/v2`, 'b-bad', { host: 'c', port: 80 }) }),
  merge('patch-good', `${V2}/a-good`, { spec: { port: 81 } }),
  ask('delete-bad', `DELETE ${V2}/b-bad`),
  ask('delete-good', `DELETE ${V2}/a-good`),
  ask('list', `GET ${V2}`),
  ask('selected', `GET ${V2}?limit=500&labelSelector=a%3Db`),
  undefined_(GROUP),
]);
