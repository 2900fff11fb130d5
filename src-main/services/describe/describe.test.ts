import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ManualClock } from '#common/base/clock';
import { keyOf, type AnyObject } from '#common/kube/object';
import type { Resource } from '#common/kube/resource';
import { failure } from '#common/kube/status-error';
import type { KubeClient, ListOptions, ObjectRef } from '#main/client/client';
import type { ClusterSession } from '#main/session/session';
import { describeObject } from './describe';

interface Recorded {
  now: number;
  objects: AnyObject[];
  cases: (Resource & { namespace?: string; name: string; text: string[] })[];
}

const path = new URL('../../../test/fixtures/describe/recorded.json', import.meta.url);
const recorded = JSON.parse(readFileSync(path, 'utf8')) as Recorded;

/** Answers reads from the recorded objects, as the server did to kubectl. */
const client = {
  async get({ kind, plural }: Resource, { namespace, name }: ObjectRef) {
    const found = recorded.objects.find(
      ({ kind: own, metadata }) => own === kind && metadata.name === name && metadata.namespace === namespace,
    );
    if (!found)
      throw failure(404, 'NotFound', 'the server could not find the requested resource', { name, kind: plural });
    return found;
  },
  async list({ kind }: Resource, { namespace, labelSelector, fieldSelector }: ListOptions = {}) {
    if (!recorded.objects.some((object) => object.kind === kind)) {
      throw failure(404, 'NotFound', 'the server could not find the requested resource');
    }
    const items = recorded.objects.filter(
      (object) =>
        object.kind === kind &&
        (!namespace || object.metadata.namespace === namespace) &&
        terms(labelSelector).every(([key, value]) => value === undefined || object.metadata.labels?.[key] === value) &&
        terms(fieldSelector).every(([field, value]) => String(fieldOf(object, field)) === value),
    );
    const sorted = items.toSorted((left, right) => (keyOf(left) < keyOf(right) ? -1 : 1));
    return { apiVersion: 'v1', kind: `${kind}List`, metadata: {}, items: sorted };
  },
} as unknown as KubeClient;

/** Equalities only: the others leave nothing out of what was recorded. */
function terms(selector = ''): [string, string | undefined][] {
  const parts = selector.split(/,(?![^(]*\))/).filter((part) => part.includes('=') && !part.includes('!='));
  return parts.map((part) => part.split('=') as [string, string]);
}

function fieldOf(object: AnyObject, field: string): unknown {
  const value = field
    .split('.')
    .reduce<unknown>((inner, key) => (inner as Record<string, unknown> | undefined)?.[key], object);
  return value ?? '';
}

process.env.TZ = 'UTC';

describe('describeObject', () => {
  it.each(recorded.cases)('writes $kind $name as kubectl does', async ({ name, namespace, text, ...resource }) => {
    const session = { client } as unknown as ClusterSession;
    const clock = new ManualClock(recorded.now);
    const ref = {
      cluster: 'context:any',
      resource: { ...resource, version: 'v1' },
      name,
      ...(namespace ? { namespace } : {}),
    };
    const described = await describeObject(session, ref, { clock, signal: new AbortController().signal });
    expect(described.split('\n')).toEqual(text);
  });
});
