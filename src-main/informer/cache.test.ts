import { describe, expect, it } from 'vitest';
import type { AnyObject } from '#common/kube/object';
import { failure } from '#common/kube/status-error';
import { planAfterFailure } from './failure-plan';
import { ObjectCache } from './object-cache';
import { SharedParts } from './shared-parts';
import { trimmed } from './trim';

function object(name: string, revision: string, more: Partial<AnyObject> = {}, uid = `uid-${name}`): AnyObject {
  const metadata = { name, namespace: 'a', uid, resourceVersion: revision, creationTimestamp: '' };
  return { apiVersion: 'v1', kind: 'Pod', metadata, ...more };
}

const onNode = (name: string, revision: string, node: string) => object(name, revision, { spec: { nodeName: node } });
const byNode = { node: (pod: AnyObject) => [(pod['spec'] as { nodeName: string }).nodeName] };

describe('the cache', () => {
  it('tells what a write changed', () => {
    const cache = new ObjectCache<AnyObject>();
    const [first, second] = [object('one', '1'), object('one', '2')];
    expect(cache.upsert(first)).toEqual([{ type: 'added', object: first }]);
    expect(cache.upsert(second)).toEqual([{ type: 'changed', object: second, previous: first }]);
    expect(cache.upsert({ ...second })).toEqual([]);
    expect(cache.remove(object('one', '3'))).toEqual([
      { type: 'removed', object: object('one', '3'), previous: second },
    ]);
    expect(cache.remove(second)).toEqual([]);
    expect([cache.size, cache.byUid('uid-one')]).toEqual([0, undefined]);
  });

  it('finds by index while objects come, move and go', () => {
    const cache = new ObjectCache<AnyObject>();
    cache.upsert(onNode('one', '1', 'n1'));
    cache.addIndexes(byNode);
    cache.upsert(onNode('two', '2', 'n1'));
    const names = (node: string) => cache.indexed('node', node).map((pod) => pod.metadata.name);
    expect([names('n1'), names('n2')]).toEqual([['one', 'two'], []]);
    cache.upsert(onNode('one', '3', 'n2'));
    expect([names('n1'), names('n2')]).toEqual([['two'], ['one']]);
    cache.removeKey('a/two');
    expect(names('n1')).toEqual([]);
    expect(() => cache.indexed('owner', 'x')).toThrow('no index named owner');
  });

  it('never turns its revision back', () => {
    const cache = new ObjectCache<AnyObject>();
    for (const revision of ['5', '9', '7', '']) cache.advance(revision);
    expect(cache.revision).toBe(9);
  });
});

describe('trimming', () => {
  const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration';
  it('drops managedFields and the last-applied annotation from a copy', () => {
    const full = object('one', '1');
    Object.assign(full.metadata, { managedFields: [{}], annotations: { [lastApplied]: '{}', kept: 'yes' } });
    const before = structuredClone(full);
    expect(trimmed(full).metadata).toEqual({ ...object('one', '1').metadata, annotations: { kept: 'yes' } });
    expect(full).toEqual(before);
  });

  it('copies nothing when there is nothing to drop', () => {
    const lean = object('one', '1', { spec: {} });
    expect(trimmed(lean)).toBe(lean);
  });
});

describe('shared parts', () => {
  const pod = (name: string) =>
    object(name, '1', {
      spec: {
        nodeName: 'a-node-with-a-long-name',
        tolerations: [{ key: 'node.kubernetes.io/not-ready', operator: 'Exists' }],
        containers: [
          { name, image: 'registry.example/web:1', resources: { requests: { cpu: '100m' } }, args: ['x'.repeat(600)] },
        ],
      },
    });
  const spec = (shared: AnyObject) => shared['spec'] as { tolerations: object; containers: { resources: object }[] };

  it('are the same objects afterwards, in objects that are equal to those before', () => {
    const parts = new SharedParts();
    const [one, two] = [parts.share(pod('one')), parts.share(pod('two'))];
    expect([one, two]).toEqual([pod('one'), pod('two')]);
    expect(spec(one).tolerations).toBe(spec(two).tolerations);
    expect(spec(one).containers[0]?.resources).toBe(spec(two).containers[0]?.resources);
  });

  it('do not take a text for the object it describes', () => {
    const parts = new SharedParts();
    parts.share(object('one', '1', { data: { value: { a: 'long enough' } } }));
    const text = object('two', '1', { data: { value: '{"a":"long enough"}' } });
    expect(parts.share(text)).toEqual(text);
  });

  it('are forgotten when they are not met again', () => {
    const parts = new SharedParts();
    const first = parts.share(pod('one'));
    for (let i = 0; i < 20_000; i++) parts.share(object(`other-${i}`, '1', { spec: { unique: { value: i } } }));
    expect(spec(parts.share(pod('one'))).tolerations).not.toBe(spec(first).tolerations);
  });
});

describe('after a failure', () => {
  const tooLarge = failure(504, 'Timeout', 'Too large resource version: 9, current: 5', {
    causes: [{ reason: 'ResourceVersionTooLarge' }],
  });
  it.each([
    {
      case: 'a broken connection is resumed',
      cause: new Error('hang up'),
      watching: true,
      want: { next: 'resume', state: 'reconnecting', delay: 'backoff' },
    },
    {
      case: 'an overloaded server is resumed later',
      cause: failure(429, 'TooManyRequests', ''),
      watching: true,
      want: { next: 'resume', delay: 'backoff' },
    },
    {
      case: 'an expired revision is read anew at once',
      cause: failure(410, 'Expired', ''),
      watching: true,
      want: { next: 'relist', state: 'reconnecting', delay: 'now' },
    },
    {
      case: 'a revision from the future is read anew',
      cause: tooLarge,
      watching: true,
      want: { next: 'relist', state: 'reconnecting', refused: false },
    },
    {
      case: 'a revision that is no number is read anew',
      cause: failure(400, 'BadRequest', 'resourceVersion: Invalid value: "x"'),
      watching: true,
      want: { next: 'relist', refused: false },
    },
    {
      case: 'forbidden is told',
      cause: failure(403, 'Forbidden', ''),
      watching: false,
      want: { state: 'forbidden', refused: true, delay: 'seldom' },
    },
    {
      case: 'an unknown kind is told',
      cause: failure(404, 'NotFound', ''),
      watching: false,
      want: { state: 'failed', refused: true },
    },
    {
      case: 'a bad selector is told',
      cause: failure(400, 'BadRequest', 'unable to parse'),
      watching: false,
      want: { state: 'failed', refused: true },
    },
    {
      case: 'a kind without watch is polled',
      cause: failure(405, 'MethodNotAllowed', ''),
      watching: true,
      want: { next: 'poll' },
    },
    {
      case: 'a kind without list is refused',
      cause: failure(405, 'MethodNotAllowed', ''),
      watching: false,
      want: { state: 'failed', refused: true },
    },
  ])('$case', ({ cause, watching, want }) => expect(planAfterFailure(cause, watching)).toMatchObject(want));
});
