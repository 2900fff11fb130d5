import { describe, expect, it } from 'vitest';
import type { KubeObject, ObjectMeta, OwnerReference } from '#common/kube/object';
import { planDependent, planOwner, type DependentPlan, type OwnerPlan, type OwnerState } from './dependents';

function object(more: Partial<ObjectMeta> = {}): KubeObject {
  const metadata = { name: 'x', uid: 'x', resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z', ...more };
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata };
}

const owner = (uid: string, blockOwnerDeletion = true): OwnerReference => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  name: uid,
  uid,
  blockOwnerDeletion,
});

interface DependentCase {
  case: string;
  owners: OwnerReference[];
  states: Record<string, OwnerState>;
  metadata?: Partial<ObjectMeta>;
  hasDependents?: boolean;
  plan: DependentPlan;
}

const background: DependentPlan = { step: 'delete', policy: 'Background' };
const dependents: DependentCase[] = [
  { case: 'nobody owns it', owners: [], states: {}, plan: { step: 'nothing' } },
  { case: 'its owner is there', owners: [owner('a')], states: { a: 'present' }, plan: { step: 'nothing' } },
  { case: 'its owner is gone', owners: [owner('a')], states: { a: 'absent' }, plan: background },
  {
    case: 'one of two owners is gone',
    owners: [owner('a'), owner('b')],
    states: { a: 'absent', b: 'present' },
    plan: { step: 'unlink', uids: ['a'] },
  },
  {
    case: 'its owner is of a kind nobody knows',
    owners: [owner('a'), owner('b')],
    states: { a: 'absent', b: 'unknown' },
    plan: { step: 'nothing' },
  },
  { case: 'its owner waits for it', owners: [owner('a')], states: { a: 'waiting' }, plan: background },
  {
    case: 'its owner waits for it, and it has dependents itself',
    owners: [owner('a')],
    states: { a: 'waiting' },
    hasDependents: true,
    plan: { step: 'delete', policy: 'Foreground' },
  },
  {
    case: 'it wants to leave orphans',
    owners: [owner('a')],
    states: { a: 'absent' },
    metadata: { finalizers: ['orphan'] },
    plan: { step: 'delete', policy: 'Orphan' },
  },
  {
    case: 'it is on its way out already',
    owners: [owner('a')],
    states: { a: 'absent' },
    metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' },
    plan: { step: 'nothing' },
  },
];

describe('planDependent', () => {
  it.each(dependents)('$case', ({ owners, states, metadata = {}, hasDependents = false, plan }) => {
    const subject = object({ ownerReferences: owners, ...metadata });
    const stateOf = ({ uid }: OwnerReference) => states[uid] ?? 'unknown';
    expect(planDependent({ object: subject, stateOf, hasDependents })).toEqual(plan);
  });
});

describe('planOwner', () => {
  const deleted = { deletionTimestamp: '2026-01-01T00:00:00Z', uid: 'a' };
  const foreground = { ...deleted, finalizers: ['foregroundDeletion'] };
  it.each<{ case: string; metadata: Partial<ObjectMeta>; dependents: OwnerReference[]; plan: OwnerPlan }>([
    { case: 'alive', metadata: { finalizers: ['orphan'] }, dependents: [], plan: { step: 'nothing' } },
    { case: 'in the background', metadata: deleted, dependents: [owner('a')], plan: { step: 'nothing' } },
    {
      case: 'leaves orphans',
      metadata: { ...deleted, finalizers: ['orphan'] },
      dependents: [],
      plan: { step: 'orphan' },
    },
    { case: 'blocked', metadata: foreground, dependents: [owner('a')], plan: { step: 'foreground', blocked: true } },
    {
      case: 'not blocked by a dependent that does not ask to',
      metadata: foreground,
      dependents: [owner('a', false)],
      plan: { step: 'foreground', blocked: false },
    },
  ])('$case', ({ metadata, dependents: references, plan }) => {
    const held = references.map((reference) => object({ ownerReferences: [reference] }));
    expect(planOwner(object(metadata), held)).toEqual(plan);
  });
});
