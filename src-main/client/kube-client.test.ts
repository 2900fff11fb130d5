import { describe, expect, it } from 'vitest';
import { ManualClock } from '#common/base/clock';
import type { KubeObject } from '#common/kube/object';
import { resource } from '#common/kube/resource';
import { ApiStatusError, isNotFound } from '#common/kube/status-error';
import { ScriptedCarrier, ScriptedWatch, statusOf, type Answer } from '#test/contracts/scripted-carrier';
import { createClient, type ClientOptions } from './kube-client';
import { waitBeforeRetry } from './retries';
import { statusErrorOf } from './status-of-response';
import { parseWarnings } from './warnings';

const Pods = resource<KubeObject>({ plural: 'pods', kind: 'Pod' });
const Deployments = resource<KubeObject>({ group: 'apps', plural: 'deployments', kind: 'Deployment' });

const pod = (name: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'a', uid: name, resourceVersion: '7', creationTimestamp: '2026-01-01T00:00:00Z' },
});

function world(options: ClientOptions = {}) {
  const carrier = new ScriptedCarrier();
  const clock = new ManualClock();
  return { carrier, clock, client: createClient(carrier, { clock, ...options }) };
}

/** The one request `call` makes, answered with `answer`. */
async function requestOf(
  call: (client: ReturnType<typeof world>['client']) => Promise<unknown>,
  answer: Answer = { json: {} },
) {
  const { carrier, client } = world();
  const result = call(client);
  const ask = await carrier.next();
  ask.answer(answer);
  await result;
  const { method, path, query, body, contentType } = ask.request;
  const given = Object.fromEntries(Object.entries(query ?? {}).filter(([, value]) => value !== undefined));
  return { method, path, query: given, body, contentType };
}

describe('requests of the client', () => {
  it.each([
    {
      case: 'get of a subresource',
      call: requestOf((c) => c.get(Deployments, { namespace: 'a', name: 'web' }, { subresource: 'scale' })),
      want: { method: 'GET', path: '/apis/apps/v1/namespaces/a/deployments/web/scale', query: {} },
    },
    {
      case: 'list',
      call: requestOf((c) => c.list(Pods, { namespace: 'a', labelSelector: 'app=web', limit: 5 })),
      want: { method: 'GET', path: '/api/v1/namespaces/a/pods', query: { labelSelector: 'app=web', limit: '5' } },
    },
    {
      case: 'create fills in what it is',
      call: requestOf((c) => c.create(Pods, { metadata: { name: 'one', namespace: 'a' } }, { dryRun: true })),
      want: {
        method: 'POST',
        path: '/api/v1/namespaces/a/pods',
        query: { fieldManager: 'pilothouse', dryRun: 'All' },
        body: { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'one', namespace: 'a' } },
      },
    },
    {
      case: 'update of status',
      call: requestOf((c) => c.updateStatus(Pods, pod('one'), { fieldManager: 'kubelet' })),
      want: {
        method: 'PUT',
        path: '/api/v1/namespaces/a/pods/one/status',
        query: { fieldManager: 'kubelet' },
        body: pod('one'),
      },
    },
    {
      case: 'server-side apply',
      call: requestOf((c) =>
        c.patch(Pods, { namespace: 'a', name: 'one' }, { type: 'apply', object: {}, force: true }),
      ),
      want: {
        method: 'PATCH',
        path: '/api/v1/namespaces/a/pods/one',
        query: { fieldManager: 'pilothouse', force: 'true' },
        body: {},
        contentType: 'application/apply-patch+yaml',
      },
    },
    {
      case: 'strategic patch of scale',
      call: requestOf((c) =>
        c.patch(
          Deployments,
          { namespace: 'a', name: 'web' },
          { type: 'strategic', patch: { spec: {} } },
          { subresource: 'scale' },
        ),
      ),
      want: {
        method: 'PATCH',
        path: '/apis/apps/v1/namespaces/a/deployments/web/scale',
        query: { fieldManager: 'pilothouse' },
        body: { spec: {} },
        contentType: 'application/strategic-merge-patch+json',
      },
    },
    {
      case: 'delete with the defaults sends no options',
      call: requestOf((c) => c.remove(Pods, { namespace: 'a', name: 'one' })),
      want: { method: 'DELETE', path: '/api/v1/namespaces/a/pods/one', query: {} },
    },
    {
      case: 'delete with grace, propagation and uid',
      call: requestOf((c) =>
        c.remove(
          Pods,
          { namespace: 'a', name: 'one' },
          { gracePeriodSeconds: 0, propagationPolicy: 'Foreground', preconditions: { uid: 'u' }, dryRun: true },
        ),
      ),
      want: {
        method: 'DELETE',
        path: '/api/v1/namespaces/a/pods/one',
        query: {},
        body: {
          kind: 'DeleteOptions',
          apiVersion: 'v1',
          gracePeriodSeconds: 0,
          propagationPolicy: 'Foreground',
          preconditions: { uid: 'u' },
          dryRun: ['All'],
        },
      },
    },
    {
      case: 'eviction',
      call: requestOf((c) =>
        c.createSubresource(Pods, { namespace: 'a', name: 'one' }, 'eviction', { kind: 'Eviction' }),
      ),
      want: {
        method: 'POST',
        path: '/api/v1/namespaces/a/pods/one/eviction',
        query: { fieldManager: 'pilothouse' },
        body: { kind: 'Eviction' },
      },
    },
  ])('$case', async ({ call, want }) => {
    expect(await call).toEqual({ body: undefined, contentType: undefined, ...want });
  });

  it('give items of a list the kind that built-in lists leave out', async () => {
    const { carrier, client } = world();
    const listed = client.list(Pods);
    (await carrier.next()).answer({ json: { kind: 'PodList', metadata: {}, items: [{ metadata: { name: 'one' } }] } });
    expect((await listed).items).toEqual([{ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'one' } }]);
  });
});

describe('refusals', () => {
  it('are thrown as the Status that came', async () => {
    const { carrier, client } = world();
    const got = client.get(Pods, { namespace: 'a', name: 'one' });
    (await carrier.next()).answer({ status: 404, json: statusOf(404, 'NotFound', 'pods "one" not found') });
    await expect(got).rejects.toSatisfy((error) => isNotFound(error) && error.message === 'pods "one" not found');
  });

  it.each([
    { code: 404, text: '', reason: 'NotFound', message: 'the server could not find the requested resource' },
    { code: 403, text: 'no way', reason: 'Forbidden', message: 'no way' },
    {
      code: 409,
      text: '',
      method: 'POST' as const,
      reason: 'AlreadyExists',
      message: 'the server reported a conflict',
    },
    { code: 409, text: '', reason: 'Conflict', message: 'the server reported a conflict' },
    {
      code: 502,
      text: '<html>',
      reason: 'InternalError',
      message: 'an error on the server ("<html>") has prevented the request from succeeding',
    },
    {
      code: 418,
      text: '',
      reason: 'Unknown',
      message: 'the server responded with the status code 418 but did not return more information',
    },
  ])(
    'without a Status say what $code means ($reason)',
    async ({ code, text, method = 'GET' as const, reason, message }) => {
      const response = {
        status: code,
        headers: { 'content-type': 'text/plain' },
        json: () => Promise.reject(new Error('not JSON')),
        lines: async function* () {},
        chunks: async function* () {
          yield new TextEncoder().encode(text);
        },
      };
      const error = await statusErrorOf({ method, path: '/' }, response);
      expect({ code: error.code, reason: error.reason, message: error.message }).toEqual({ code, reason, message });
    },
  );

  it('in the middle of a watch are thrown after the events before', async () => {
    const { carrier, client } = world();
    const watch = new ScriptedWatch();
    watch.send({ type: 'ADDED', object: pod('one') }, { type: 'ERROR', object: statusOf(410, 'Expired') });
    const seen: string[] = [];
    const reading = (async () => {
      for await (const event of client.watch(Pods, { onOpen: () => seen.push('open') })) seen.push(event.type);
    })();
    (await carrier.next()).answer({ lines: watch.lines });
    await expect(reading).rejects.toBeInstanceOf(ApiStatusError);
    expect(seen).toEqual(['open', 'ADDED']);
  });
});

describe('Retry-After', () => {
  it.each([
    { status: 429, after: '1', retries: 0, wait: 1 },
    { status: 503, after: '0', retries: 9, wait: 0 },
    { status: 503, after: '1', retries: 10, wait: undefined },
    { status: 500, after: undefined, retries: 0, wait: undefined },
    { status: 429, after: 'Fri, 01 Jan 2027 00:00:00 GMT', retries: 0, wait: undefined },
    { status: 429, after: '600', retries: 0, wait: undefined },
    { status: 404, after: '1', retries: 0, wait: undefined },
  ])('$status after $after, try $retries', ({ status, after, retries, wait }) => {
    const headers: Record<string, string> = after === undefined ? {} : { 'retry-after': after };
    expect(waitBeforeRetry({ status, headers }, retries)).toBe(wait);
  });

  it('is waited for on the clock', async () => {
    const { carrier, clock, client } = world();
    const got = client.get(Pods, { namespace: 'a', name: 'one' });
    (await carrier.next()).answer({
      status: 429,
      headers: { 'retry-after': '2' },
      json: statusOf(429, 'TooManyRequests'),
    });
    await new Promise((resolve) => setImmediate(resolve));
    await clock.advance(1999);
    expect(carrier.requests).toHaveLength(1);
    await clock.advance(1);
    (await carrier.next()).answer({ json: pod('one') });
    expect((await got).metadata.name).toBe('one');
  });
});

describe('warnings', () => {
  it('are read from a header that holds several', () => {
    expect(parseWarnings('299 - "unknown field \\"spec.x\\"", 299 kube "b, c"')).toEqual([
      'unknown field "spec.x"',
      'b, c',
    ]);
    expect(parseWarnings(undefined)).toEqual([]);
  });

  it('are told to the caller', async () => {
    const heard: string[] = [];
    const { carrier, client } = world({ onWarning: (text) => heard.push(`client: ${text}`) });
    const done = client.create(Pods, { metadata: { name: 'x' } }, { onWarning: (text) => heard.push(`call: ${text}`) });
    (await carrier.next()).answer({ headers: { warning: '299 - "deprecated"' }, json: {} });
    await done;
    expect(heard).toEqual(['client: deprecated', 'call: deprecated']);
  });
});
