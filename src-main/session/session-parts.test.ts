import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ManualClock } from '#common/base/clock';
import { Problem } from '#common/base/errors';
import { Scope } from '#common/base/scope';
import { failure } from '#common/kube/status-error';
import type { Carrier } from '#main/client/carrier';
import { AnswerTimeout } from '#main/client/carrier/connection-problem';
import { createClient } from '#main/client/kube-client';
import { ScriptedCarrier, statusOf } from '#test/contracts/scripted-carrier';
import { Health } from './health';
import { judgeProbe } from './probe-plan';
import { checkWrite, guardedCarrier, isWrite, loadProtections } from './protection';
import { Rights } from './rights';

describe('a failed probe', () => {
  const gone = new Problem('unreachable', 'nothing listens there');
  it.each([
    {
      case: 'of a live connection',
      cause: gone,
      failures: 1,
      wasLive: true,
      want: { state: 'reconnecting', hold: false, retryMs: 500 },
    },
    {
      case: 'the third of a live connection',
      cause: gone,
      failures: 3,
      wasLive: true,
      want: { state: 'unreachable', retryMs: 2000 },
    },
    {
      case: 'the first of all',
      cause: gone,
      failures: 1,
      wasLive: false,
      want: { state: 'unreachable', retryMs: 500 },
    },
    { case: 'after many', cause: gone, failures: 30, wasLive: true, want: { state: 'unreachable', retryMs: 4000 } },
    {
      case: 'with 401',
      cause: failure(401, 'Unauthorized', 'no'),
      failures: 1,
      wasLive: true,
      want: { state: 'signed-out', hold: true, retryMs: 30_000 },
    },
    {
      case: 'with 500',
      cause: failure(500, 'InternalError', 'etcd'),
      failures: 1,
      wasLive: true,
      want: { state: 'reconnecting', hold: false },
    },
    {
      case: 'in the plugin',
      cause: new Problem('plugin-failed', 'x'),
      failures: 1,
      wasLive: false,
      want: { state: 'signed-out', hold: true, retryMs: undefined },
    },
    {
      case: 'without the plugin',
      cause: new Problem('plugin-not-found', 'x'),
      failures: 1,
      wasLive: false,
      want: { state: 'broken', hold: true, retryMs: undefined },
    },
    {
      case: 'of a stopped sandbox',
      cause: new Problem('sandbox-stopped', 'x'),
      failures: 1,
      wasLive: false,
      want: { state: 'unreachable', hold: false },
    },
  ])('$case', ({ cause, failures, wasLive, want }) => expect(judgeProbe(cause, failures, wasLive)).toMatchObject(want));
});

describe('health', () => {
  /** Answers of the probes in order; the last one is repeated. */
  async function run(
    answers: (Error | 'ok')[],
    during: (world: { clock: ManualClock; health: Health; told: string[] }) => Promise<void>,
  ) {
    const clock = new ManualClock();
    const told: string[] = [];
    const scope = new Scope('health');
    const health = new Health({
      clock,
      async probe(timeoutMs) {
        const answer = answers.length > 1 ? answers.shift() : answers[0];
        told.push(`probe ${timeoutMs}`);
        if (answer instanceof Error) throw answer;
      },
      live: () => told.push('live'),
      lost: ({ state }) => told.push(state),
      suspect: (reason) => told.push(reason),
    });
    const running = health.run(scope.signal);
    await clock.advance(0);
    await during({ clock, health, told });
    await scope.close();
    await running;
  }

  it('looks every five seconds while all is well', () =>
    run(['ok'], async ({ clock, told }) => {
      await clock.advance(10_000);
      expect(told).toEqual(['probe 15000', 'live', 'probe 2500', 'live', 'probe 2500', 'live']);
    }));

  it('forgives one answer that is late, not two', () => {
    const late = new Problem('unreachable', 'late', { cause: new AnswerTimeout('answer', 2500) });
    return run(['ok', late, 'ok', late, late, 'ok'], async ({ clock, told }) => {
      await clock.advance(5_000);
      expect(told.splice(0)).toEqual(['probe 15000', 'live', 'probe 2500', 'probe 2500', 'live']);
      await clock.advance(5_000);
      expect(told.splice(0)).toEqual(['probe 2500', 'probe 2500', 'reconnecting']);
      await clock.advance(500);
      expect(told).toEqual(['probe 15000', 'live']);
    });
  });

  it('waits for a person when only a person can help', () =>
    run([new Problem('plugin-failed', 'x'), 'ok'], async ({ clock, health, told }) => {
      await clock.advance(3_600_000);
      expect(told.splice(0)).toEqual(['probe 15000', 'signed-out']);
      health.hurry();
      await clock.advance(0);
      expect(told).toEqual(['probe 15000', 'live']);
    }));
});

describe('protection', () => {
  it.each([
    { protection: 'none', confirmation: undefined, code: undefined },
    { protection: 'protected', confirmation: undefined, code: 'protected' },
    { protection: 'protected', confirmation: 'Prod', code: 'protected' },
    { protection: 'protected', confirmation: 'prod', code: undefined },
    { protection: 'read-only', confirmation: 'prod', code: 'read-only' },
  ] as const)('$protection, confirmed with $confirmation: $code', ({ protection, confirmation, code }) => {
    const check = () => checkWrite(protection, 'prod', confirmation);
    if (code) expect(check).toThrow(expect.objectContaining({ code }));
    else expect(check).not.toThrow();
  });

  it.each([
    ['GET', '/api/v1/pods', {}, false],
    ['DELETE', '/api/v1/namespaces/a/pods/x', {}, true],
    ['PATCH', '/api/v1/namespaces/a/pods/x', {}, true],
    ['PATCH', '/api/v1/namespaces/a/pods/x', { dryRun: 'All' }, false],
    ['POST', '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', {}, false],
    ['POST', '/apis/authorization.k8s.io/v1/namespaces/a/localsubjectaccessreviews', {}, false],
    ['POST', '/apis/authentication.k8s.io/v1/selfsubjectreviews', {}, false],
    ['POST', '/apis/example.com/v1/reviews', {}, true],
    ['POST', '/api/v1/namespaces/a/pods/x/eviction', {}, true],
  ] as const)('%s %s %j is a write: %s', (method, path, query, expected) => {
    expect(isWrite({ method, path, query })).toBe(expected);
  });

  it('stands before every way into the cluster', async () => {
    const passed: string[] = [];
    const inner = {
      send: async ({ path }: { path: string }) => void passed.push(path),
      upgrade: async ({ path }: { path: string }) => void passed.push(path),
      close: async () => undefined,
    } as unknown as Carrier;
    const carrier = guardedCarrier(inner, () => checkWrite('read-only', 'prod', undefined));
    const pod = '/api/v1/namespaces/a/pods/x';
    await expect(carrier.send({ method: 'DELETE', path: pod })).rejects.toMatchObject({ code: 'read-only' });
    await expect(carrier.upgrade({ path: `${pod}/exec`, protocols: [] })).rejects.toMatchObject({ code: 'read-only' });
    await carrier.send({ method: 'GET', path: pod });
    await carrier.upgrade({ path: `${pod}/portforward`, protocols: [] });
    expect(passed).toEqual([pod, `${pod}/portforward`]);
  });

  describe('in a file', () => {
    let folder: string;
    beforeAll(async () => (folder = await mkdtemp(join(tmpdir(), 'protections-'))));
    afterAll(() => rm(folder, { recursive: true }));

    it('is kept between starts', async () => {
      const path = join(folder, 'state', 'protections.json');
      const first = await loadProtections(path);
      await first.set('context:prod', 'read-only');
      await first.set('context:dev', 'protected');
      await first.set('context:dev', 'none');
      const second = await loadProtections(path);
      expect([second.of('context:prod'), second.of('context:dev')]).toEqual(['read-only', 'none']);
      expect(JSON.parse(await readFile(path, 'utf8'))).toEqual({ 'context:prod': 'read-only' });
    });

    it('that is damaged is a Problem, not a cluster without protection', async () => {
      const path = join(folder, 'damaged.json');
      await writeFile(path, '{');
      await expect(loadProtections(path)).rejects.toMatchObject({ code: 'protections-unreadable' });
    });
  });
});

describe('rights', () => {
  const question = { verb: 'delete', group: '', resource: 'pods', namespace: 'a' };

  it('are asked once a minute', async () => {
    const clock = new ManualClock();
    const carrier = new ScriptedCarrier();
    const rights = new Rights(createClient(carrier), clock);
    const first = Promise.all([rights.may(question), rights.may(question)]);
    (await carrier.next()).answer({ json: { status: { allowed: true, reason: 'RBAC' } } });
    expect(await first).toEqual([
      { allowed: true, reason: 'RBAC' },
      { allowed: true, reason: 'RBAC' },
    ]);
    expect(carrier.requests[0]).toMatchObject({
      path: '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
      body: { kind: 'SelfSubjectAccessReview', spec: { resourceAttributes: question } },
    });
    await clock.advance(60_000);
    const later = rights.may(question);
    (await carrier.next()).answer({ json: { status: { allowed: false } } });
    expect(await later).toEqual({ allowed: false });
  });

  it('are asked again when the question failed', async () => {
    const carrier = new ScriptedCarrier();
    const rights = new Rights(createClient(carrier), new ManualClock());
    const first = rights.may(question);
    (await carrier.next()).fail(new Error('gone'));
    await expect(first).rejects.toThrow('gone');
    const second = rights.may(question);
    (await carrier.next()).answer({ json: { status: { allowed: true } } });
    expect(await second).toEqual({ allowed: true });
  });

  it('leave open who we are where the server cannot tell', async () => {
    const carrier = new ScriptedCarrier();
    const self = new Rights(createClient(carrier), new ManualClock()).self();
    (await carrier.next()).answer({ status: 404, json: statusOf(404, 'NotFound') });
    expect(await self).toEqual({});
  });
});
