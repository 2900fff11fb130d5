import { describe, expect, it } from 'vitest';
import type { KubeObject } from '#common/kube/object';
import { planClaims } from './ownership';

const object = (name: string, labels: Record<string, string>, deletionTimestamp?: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name,
    uid: name,
    resourceVersion: '1',
    creationTimestamp: '',
    labels,
    ...(deletionTimestamp ? { deletionTimestamp } : {}),
  },
});

const selector = { matchLabels: { app: 'web' } };
const owner = object('owner', {});

describe('planClaims', () => {
  const owned = [object('mine', { app: 'web' }), object('strayed', { app: 'db' })];
  const orphans = [
    object('orphan', { app: 'web' }),
    object('dying', { app: 'web' }, 'now'),
    object('other', { app: 'db' }),
  ];

  it('keeps what matches, adopts orphans that live, releases what no longer matches', () => {
    const plan = planClaims(owner, selector, { owned, orphans });
    const names = (objects: KubeObject[]) => objects.map(({ metadata }) => metadata.name);
    expect([names(plan.kept), names(plan.adopt), names(plan.release)]).toEqual([['mine'], ['orphan'], ['strayed']]);
  });

  it('neither adopts nor releases for an owner on its way out', () => {
    const plan = planClaims(object('owner', {}, 'now'), selector, { owned, orphans });
    expect([plan.adopt, plan.release]).toEqual([[], []]);
  });
});
