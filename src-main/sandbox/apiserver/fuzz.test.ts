import { describe, expect, it } from 'vitest';
import { randomInt, seededRandom, type Random } from '#common/base/random';
import { ManualClock } from '#common/base/clock';
import type { ApiRequest } from './api-request';
import { createApiServer, type ApiServer } from './server';

const REQUESTS = 1000;

const PATHS = [
  '/api/v1/namespaces/default/pods',
  '/api/v1/namespaces/default/pods/a',
  '/api/v1/namespaces/default/configmaps',
  '/api/v1/namespaces/default/configmaps/a',
  '/api/v1/namespaces/default/services/a/scale',
  '/api/v1/namespaces/default/serviceaccounts/a/token',
  '/api/v1/nodes/%zz',
  '/api/v1/namespaces/default/pods/a/eviction',
  '/api/v1/namespaces/default/pods/a/binding',
  '/apis/apps/v1/namespaces/default/deployments',
  '/apis/apps/v1/namespaces/default/deployments/a',
  '/apis/apps/v1/namespaces/default/deployments/a/scale',
  '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
  '/apis/authentication.k8s.io/v1/tokenreviews',
  '/apis/rbac.authorization.k8s.io/v1/clusterroles/a',
  '/openapi/v3/api/v1',
  '/apis',
  '//api//v1/',
];
const QUERIES = [
  '',
  'limit=1',
  'limit=-1',
  'limit=x',
  'continue=%00%ff',
  'continue=eyJydiI6MSwic3RhcnQiOjV9',
  'resourceVersion=-5&resourceVersionMatch=Exact',
  'resourceVersion=99999999999999999999',
  'labelSelector=a%20in%20(((',
  'fieldSelector=a==b,,=',
  'fieldManager=x&force=true',
  'dryRun=All&fieldValidation=Strict',
  'fieldManager=x&fieldValidation=Warn&dryRun=All',
  'timeoutSeconds=-1',
  'pretty=true',
];
const TYPES = [
  'application/json',
  'application/yaml',
  'application/vnd.kubernetes.protobuf',
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
  'application/apply-patch+yaml',
  'text/plain',
  '',
];
const ACCEPTS = [
  '*/*',
  'application/json',
  'application/json;as=Table;v=v1;g=meta.k8s.io',
  'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io,application/json',
  'application/vnd.kubernetes.protobuf,application/json',
  'application/yaml',
  ';;;,,,=',
];

const bomb = `a: &a [x,x,x,x,x,x,x,x,x]\n${'bcdefgh'
  .split('')
  .map((name, at) => `${name}: &${name} [${Array(9).fill(`*${'abcdefgh'[at]}`).join(',')}]`)
  .join('\n')}\n`;

const BODIES: readonly ((random: Random) => Buffer)[] = [
  (random) => Buffer.from(Array.from({ length: randomInt(random, 300) }, () => randomInt(random, 256))),
  (random) =>
    Buffer.from([
      0x6b,
      0x38,
      0x73,
      0x00,
      ...Array.from({ length: randomInt(random, 200) }, () => randomInt(random, 256)),
    ]),
  () => Buffer.from(bomb),
  () => Buffer.from(`${'['.repeat(20_000)}${']'.repeat(20_000)}`),
  () => Buffer.from(`${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`),
  () => Buffer.from(`${'- '.repeat(5000)}a`),
  () => Buffer.from(`metadata: {name: a, annotations: ${'{a: '.repeat(2000)}1${'}'.repeat(2000)}}`),
  (random) => Buffer.from(JSON.stringify(randomValue(random, 0))),
  (random) => Buffer.from(JSON.stringify({ metadata: randomObject(random), spec: randomValue(random, 0) })),
  (random) => Buffer.from(JSON.stringify(Array.from({ length: randomInt(random, 6) }, () => randomOperation(random)))),
  () => Buffer.from(JSON.stringify(Array.from({ length: 10_001 }, () => ({ op: 'test', path: '/a', value: 1 })))),
  () => Buffer.from('{"metadata":{"name":"a","__proto__":{"x":1}},"data":{"constructor":"1"},"spec":null}'),
  () => Buffer.alloc(0),
  () => Buffer.from('null'),
];

const NAMES = [
  'name',
  'labels',
  'annotations',
  'spec',
  'containers',
  'template',
  'replicas',
  'finalizers',
  'managedFields',
  'ownerReferences',
  'rules',
  'selector',
  'ports',
  'status',
  '__proto__',
  '$patch',
  'resourceVersion',
  'uid',
];

function randomObject(random: Random, depth = 0): Record<string, unknown> {
  return Object.fromEntries(
    Array.from({ length: randomInt(random, 5) }, () => [pick(random, NAMES), randomValue(random, depth + 1)]),
  );
}

function randomValue(random: Random, depth: number): unknown {
  const kind = randomInt(random, depth > 4 ? 5 : 8);
  if (kind === 0) return null;
  if (kind === 1) return randomInt(random, 2 ** 31) - 2 ** 30;
  if (kind === 2) return pick(random, ['', 'a', 'x'.repeat(300), '\u0000\uffff', '1.5', 'Always', 'delete']);
  if (kind === 3) return randomInt(random, 2) === 1;
  if (kind === 4) return 1e300;
  if (kind === 5) return Array.from({ length: randomInt(random, 4) }, () => randomValue(random, depth + 1));
  return randomObject(random, depth);
}

function randomOperation(random: Random): unknown {
  const path = pick(random, [
    '',
    '/',
    '/metadata',
    '/spec/replicas',
    '/metadata/labels/a~1b',
    '/spec/-',
    'x',
    '/data/__proto__/x',
  ]);
  const op = pick(random, ['add', 'remove', 'replace', 'move', 'copy', 'test', 'nonsense']);
  return { op, path, from: pick(random, ['', '/metadata', '/spec']), value: randomValue(random, 2) };
}

function pick<T>(random: Random, choices: readonly T[]): T {
  return choices[randomInt(random, choices.length)]!;
}

function randomRequest(random: Random): ApiRequest {
  const bytes = pick(random, BODIES)(random);
  return {
    method: pick(random, ['GET', 'POST', 'PUT', 'PATCH', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS', 'BREW']),
    path: pick(random, PATHS),
    query: new URLSearchParams(pick(random, QUERIES)),
    headers: {
      'content-type': pick(random, TYPES),
      accept: pick(random, ACCEPTS),
      ...(randomInt(random, 10) === 0 ? { 'impersonate-user': '%', 'impersonate-extra-%zz': 'x' } : {}),
      ...(randomInt(random, 20) === 0
        ? { authorization: pick(random, ['Bearer a.b.c', 'Bearer ', 'Basic x', 'Bearer e30.e30.']) }
        : {}),
    },
    peer: { user: { name: 'admin', groups: ['system:masters'] } },
    signal: new AbortController().signal,
    body: () => Promise.resolve({ bytes }),
  };
}

async function answerOf(server: ApiServer, request: ApiRequest): Promise<string | undefined> {
  const started = performance.now();
  const response = await server.handle(request);
  const body = response.body?.shape === 'value' ? Buffer.concat([...response.body.chunks()]).toString() : '';
  const tookMs = performance.now() - started;
  const isOurs = response.status >= 500 && response.status !== 504;
  if (!isOurs && tookMs < 3000) return undefined;
  const bytes = await request.body();
  const sent =
    'bytes' in bytes
      ? Buffer.from(bytes.bytes)
          .toString()
          .slice(0, 300)
          .replaceAll(/[^ -~]/g, '?')
      : '';
  return `${request.method} ${request.path}?${request.query} ${request.headers['content-type']} ${Math.round(tookMs)} ms\n${sent}\n-> ${response.status} ${body.slice(0, 300)}`;
}

describe('the API server under nonsense', () => {
  it('answers every request, and none with a failure of its own', async () => {
    const random = seededRandom(Number(process.env['FUZZ_SEED'] ?? 11));
    const clock = new ManualClock();
    await using server = await createApiServer({
      frozen: true,
      clock,
      wallClock: clock,
      random: seededRandom(1),
      nodes: () => undefined,
    });
    const failures = new Map<string, string>();
    for (let at = 0; at < Number(process.env['FUZZ_REQUESTS'] ?? REQUESTS); at++) {
      const failure = await answerOf(server, randomRequest(random));
      if (failure) failures.set(failure.slice(failure.indexOf('->')).slice(0, 200), failure);
    }
    expect([...failures.values()].slice(0, 12)).toEqual([]);
  }, 60_000);
});
