/** Requests that no honest client sends: everywhere a server can be reached, everything it may be told wrong. */
import { randomInt, type Random } from '#common/base/random';
import { protobufEnvelope, protobufMessage } from '#main/sandbox/codec/protobuf-answer';
import { builtInResources } from '#main/sandbox/machinery/schema';
import { manifests, type Manifest } from '../conformance/scripts/manifests';

export interface FuzzRequest {
  method: string;
  /** With its query. */
  path: string;
  headers: Record<string, string>;
  bytes: Buffer;
}

/** What may stand before a resource. */
const PLACES = [
  '',
  'namespaces/default/',
  'namespaces/default/',
  'namespaces/default/',
  'namespaces/none/',
  'namespaces//',
];
const OBJECT_NAMES = ['', '', '/a', '/a', '/b', '/%zz', '/a%2Fb', `/${'x'.repeat(300)}`, '/..', '/*', '/'];
const ODD_PATHS = [
  '/apis',
  '/api',
  '//api//v1/',
  '/openapi/v3/api/v1',
  '/openapi/v3/apis/nobody/v1',
  '/openapi/v2',
  '/version',
  '/readyz/etcd',
  '/livez?verbose',
  '/metrics',
  '/apis/nobody.example.com/v1/things',
  '/.well-known/openid-configuration',
  '/%',
  '/\u00e4',
];

function randomPath(random: Random): string {
  if (randomInt(random, 8) === 0) return pick(random, ODD_PATHS);
  const resource = pick(random, builtInResources());
  const { group, version, plural, subresources = [] } = resource;
  const prefix = group ? `/apis/${group}/${version}` : `/api/${version}`;
  const place = randomInt(random, 6) > 0 ? (resource.namespaced ? 'namespaces/default/' : '') : pick(random, PLACES);
  const name = pick(random, OBJECT_NAMES);
  const part =
    name !== '' && subresources.length > 0 && randomInt(random, 2) === 0 ? `/${pick(random, subresources).name}` : '';
  return `${prefix}/${place}${plural}${name}${part}`;
}

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
  mutatedJson,
  mutatedJson,
  mutatedJson,
  cutJson,
  mutatedProtobuf,
  mutatedProtobuf,
  cutProtobuf,
  (random) => Buffer.from(Array.from({ length: randomInt(random, 300) }, () => randomInt(random, 256))),
  (random) =>
    Buffer.from([
      0x6b,
      0x38,
      0x73,
      0x00,
      ...Array.from({ length: randomInt(random, 200) }, () => randomInt(random, 256)),
    ]),
  (random) => Buffer.from(JSON.stringify(randomValue(random, 0))),
  (random) => Buffer.from(JSON.stringify({ metadata: randomObject(random), spec: randomValue(random, 0) })),
  (random) => Buffer.from(JSON.stringify(Array.from({ length: randomInt(random, 6) }, () => randomOperation(random)))),
  () => Buffer.from('{"metadata":{"name":"a","__proto__":{"x":1}},"data":{"constructor":"1"},"spec":null}'),
  () => Buffer.alloc(0),
  () => Buffer.from('null'),
];

const HUGE_BODIES: readonly ((random: Random) => Buffer)[] = [
  () => Buffer.from(bomb),
  () => Buffer.from(`${'['.repeat(20_000)}${']'.repeat(20_000)}`),
  () => Buffer.from(`${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`),
  () => Buffer.from(`${'- '.repeat(5000)}a`),
  () => Buffer.from(`metadata: {name: a, annotations: ${'{a: '.repeat(2000)}1${'}'.repeat(2000)}}`),
  () => Buffer.from(JSON.stringify(Array.from({ length: 10_001 }, () => ({ op: 'test', path: '/a', value: 1 })))),
  () => Buffer.alloc(3.5 * 2 ** 20, 'x'),
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

/** A whole object, as an honest client would make it. */
function wholeObject(random: Random, { group, version, kind, object }: Manifest = pick(random, manifests)) {
  const apiVersion = group ? `${group}/${version}` : version;
  const metadata = { name: pick(random, ['a', 'b', '', 'A']), labels: { app: 'web' }, annotations: { a: 'b' } };
  return { apiVersion, kind, metadata, ...structuredClone(object) };
}

function mutatedJson(random: Random): Buffer {
  const object = wholeObject(random);
  for (let times = 1 + randomInt(random, 3); times > 0; times--) mutate(object, random);
  return Buffer.from(JSON.stringify(object));
}

function cutJson(random: Random): Buffer {
  const text = Buffer.from(JSON.stringify(wholeObject(random)));
  return text.subarray(0, randomInt(random, text.length));
}

function wholeProtobuf(random: Random): Buffer {
  const object = wholeObject(random);
  return protobufEnvelope(object, protobufMessage(object));
}

function mutatedProtobuf(random: Random): Buffer {
  const bytes = wholeProtobuf(random);
  for (let times = randomInt(random, 4); times > 0; times--)
    bytes[randomInt(random, bytes.length)] = randomInt(random, 256);
  return bytes;
}

function cutProtobuf(random: Random): Buffer {
  const bytes = wholeProtobuf(random);
  return bytes.subarray(0, randomInt(random, bytes.length));
}

/** One member somewhere in the object goes, becomes something else, or gets a sibling that nobody knows. */
function mutate(object: unknown, random: Random): void {
  let holder = object as Record<string, unknown>;
  for (;;) {
    const keys = Object.keys(holder);
    if (keys.length === 0) return;
    const key = pick(random, keys);
    const value = holder[key];
    const goesDeeper = typeof value === 'object' && value !== null && randomInt(random, 4) > 0;
    if (goesDeeper) {
      holder = value as Record<string, unknown>;
      continue;
    }
    const what = randomInt(random, 4);
    if (what === 0) delete holder[key];
    else if (what === 1) holder[pick(random, NAMES)] = randomValue(random, 3);
    else holder[key] = randomValue(random, 3);
    return;
  }
}

const HEADERS: readonly Record<string, string>[] = [
  { 'impersonate-user': '%', 'impersonate-extra-%zz': 'x' },
  { 'impersonate-group': 'x' },
  { authorization: 'Bearer a.b.c' },
  { authorization: 'Bearer ' },
  { authorization: 'Basic x' },
  { authorization: 'Bearer e30.e30.' },
  { 'if-none-match': '"x' },
  { 'accept-encoding': 'gzip, br;q=x' },
  { 'x-stream-protocol-version': 'v9' },
  { 'content-encoding': 'gzip' },
  { 'audit-id': 'x'.repeat(500) },
  { 'user-agent': '' },
];

const METHODS = ['GET', 'POST', 'POST', 'PUT', 'PUT', 'PATCH', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'];

export function randomRequest(random: Random): FuzzRequest {
  const { path, bytes } = randomInt(random, 3) > 0 ? aimed(random) : wild(random);
  const query = pick(random, QUERIES);
  return {
    method: pick(random, METHODS),
    path: query ? `${path}${path.includes('?') ? '&' : '?'}${query}` : path,
    headers: {
      'content-type': pick(random, TYPES),
      accept: pick(random, ACCEPTS),
      ...(randomInt(random, 10) === 0 ? pick(random, HEADERS) : {}),
    },
    bytes,
  };
}

function wild(random: Random): Pick<FuzzRequest, 'path' | 'bytes'> {
  // Huge ones take as long as a hundred others.
  const bodies = randomInt(random, 60) === 0 ? HUGE_BODIES : BODIES;
  return { path: randomPath(random), bytes: pick(random, bodies)(random) };
}

/** An object with some mistakes, sent where it belongs. */
function aimed(random: Random): Pick<FuzzRequest, 'path' | 'bytes'> {
  const manifest = pick(random, manifests);
  const { group, version, plural, namespaced = true } = manifest;
  const object = wholeObject(random, manifest);
  for (let times = randomInt(random, 3); times > 0; times--) mutate(object, random);
  const place = namespaced ? 'namespaces/default/' : '';
  const path = `${group ? `/apis/${group}` : '/api'}/${version}/${place}${plural}${pick(random, ['', '/a', '/b'])}`;
  const isProtobuf = randomInt(random, 4) === 0;
  return { path, bytes: isProtobuf ? protobufOf(object) : Buffer.from(JSON.stringify(object)) };
}

/** Mistakes may have left something that has no protobuf. */
function protobufOf(object: { apiVersion: string; kind: string }): Buffer {
  try {
    return protobufEnvelope(object, protobufMessage(object));
  } catch {
    return Buffer.from(JSON.stringify(object));
  }
}
