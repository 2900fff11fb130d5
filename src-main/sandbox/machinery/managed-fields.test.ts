import { describe, expect, it } from 'vitest';
import type { ManagedFieldsEntry } from '#common/kube/object';
import { apiVersionOf } from '#common/kube/resource';
import type { FieldSet } from './field-set';
import { updateManagedFields, type FieldWrite } from './managed-fields';
import { applyServerSidePatch } from './patch/apply-patch';
import recorded from './recorded-applies.json';
import { schemaOf } from './schema';
import { checkFields } from './strict-fields';

const TIME = '2026-01-02T03:04:05Z';

const schema = schemaOf({ group: 'apps', version: 'v1', kind: 'Deployment' })!;

const write = (manager: string, rest: Partial<FieldWrite> = {}): FieldWrite => ({
  manager,
  apiVersion: 'apps/v1',
  time: TIME,
  schema,
  ...rest,
});

const deployment = (spec: object, metadata: object = {}): any =>
  checkFields({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web', ...metadata }, spec }, schema)
    .object;

function updated(live: any, next: any, by: FieldWrite): any {
  const managedFields = updateManagedFields(live, next, by);
  return { ...next, metadata: { ...next.metadata, managedFields } };
}

const applied = (live: any, spec: object, by: FieldWrite, force = false): any => {
  const config = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web' }, spec };
  return checkFields(applyServerSidePatch(live, config, { ...by, force }), schema).object;
};

const fieldsOf = (object: any, manager: string): FieldSet | undefined =>
  object.metadata.managedFields?.find((entry: ManagedFieldsEntry) => entry.manager === manager)?.fieldsV1;

const names = (object: any): string[] =>
  object.metadata.managedFields?.map((entry: ManagedFieldsEntry) => entry.manager);

describe('updateManagedFields', () => {
  it('gives a created object to its creator, leaf by leaf, without what belongs to nobody', () => {
    const next = deployment(
      { replicas: 2, template: { spec: { containers: [{ name: 'a', image: 'x' }] } } },
      { labels: { a: '1' } },
    );
    expect(updateManagedFields(undefined, next, write('kubectl-create'))).toEqual([
      {
        manager: 'kubectl-create',
        operation: 'Update',
        apiVersion: 'apps/v1',
        time: TIME,
        fieldsType: 'FieldsV1',
        fieldsV1: {
          'f:metadata': { 'f:labels': { '.': {}, 'f:a': {} } },
          'f:spec': {
            'f:replicas': {},
            'f:template': {
              'f:spec': {
                'f:containers': { 'k:{"name":"a"}': { '.': {}, 'f:name': {}, 'f:image': {}, 'f:resources': {} } },
              },
            },
          },
        },
      },
    ]);
  });

  it('passes a changed field to whoever changed it, and forgets a removed one', () => {
    const first = updated(undefined, deployment({ replicas: 1, paused: true, minReadySeconds: 5 }), write('a'));
    const second = updated(first, deployment({ replicas: 2, minReadySeconds: 5 }), write('b'));
    expect(fieldsOf(second, 'a')).toEqual({ 'f:spec': { 'f:minReadySeconds': {} } });
    expect(fieldsOf(second, 'b')).toEqual({ 'f:spec': { 'f:replicas': {} } });
  });

  it('gives back the very same entries when nothing changed', () => {
    const live = updated(undefined, deployment({ replicas: 1 }), write('a'));
    const next = { ...live, metadata: { ...live.metadata, resourceVersion: '7', generation: 2 } };
    expect(updateManagedFields(live, next, write('b', { time: '2027-01-01T00:00:00Z' }))).toBe(
      live.metadata.managedFields,
    );
  });

  it('keeps apart the versions and subresources of one manager', () => {
    const live = updated(undefined, deployment({ replicas: 1 }), write('a'));
    const scaled = updated(live, deployment({ replicas: 2 }), write('a', { subresource: 'scale' }));
    expect(scaled.metadata.managedFields.map((entry: ManagedFieldsEntry) => entry.subresource)).toEqual(['scale']);
    const elsewhere = updated(scaled, deployment({ replicas: 2, paused: true }), write('a'));
    expect(elsewhere.metadata.managedFields).toHaveLength(2);
  });

  it('gives nobody what the endpoint resets', () => {
    const next = checkFields({ ...deployment({ replicas: 1 }), status: { replicas: 3 } }, schema).object;
    const entries = updateManagedFields(undefined, next, write('a', { resetFields: { 'f:status': {} } }));
    expect(entries[0]?.fieldsV1).toEqual({ 'f:spec': { 'f:replicas': {} } });
  });

  it('forgets all owners when a client sends one empty entry, and keeps them when it sends none', () => {
    const live = updated(undefined, deployment({ replicas: 1 }), write('a'));
    const next = deployment({ replicas: 1, paused: true });
    expect(names(updated(live, next, write('b')))).toEqual(['a', 'b']);
    const reset = { ...next, metadata: { ...next.metadata, managedFields: [{}] } };
    expect(updateManagedFields(live, reset, write('b')).map((entry) => entry.manager)).toEqual(['b']);
  });

  it('merges the oldest of more than ten updaters', () => {
    let live: any;
    for (let at = 0; at < 12; at++) {
      const annotations = Object.fromEntries(Array.from({ length: at + 1 }, (_, key) => [`k${key}`, '1']));
      live = updated(live, deployment({}, { annotations }), write(`m${at}`, { time: `2026-01-02T03:04:${10 + at}Z` }));
    }
    expect(names(live)).toEqual(['ancient-changes', 'm3', 'm4', 'm5', 'm6', 'm7', 'm8', 'm9', 'm10', 'm11']);
    expect(live.metadata.managedFields).toHaveLength(10);
  });
});

describe('applyServerSidePatch', () => {
  it('creates, and removes what is no longer applied', () => {
    const first = applied(undefined, { replicas: 2, paused: true }, write('helm'));
    expect(first.spec).toMatchObject({ replicas: 2, paused: true });
    const second = applied(first, { replicas: 2 }, write('helm'));
    expect(second.spec).not.toHaveProperty('paused');
    expect(fieldsOf(second, 'helm')).toEqual({ 'f:spec': { 'f:replicas': {} } });
  });

  it('keeps what somebody else applies too', () => {
    const both = applied(applied(undefined, { replicas: 2, paused: true }, write('a')), { paused: true }, write('b'));
    expect(applied(both, { replicas: 2 }, write('a')).spec.paused).toBe(true);
  });

  it('refuses to take a field from another manager, unless it is forced to', () => {
    const live = updated(undefined, deployment({ replicas: 1 }), write('kubectl-edit'));
    expect(() => applied(live, { replicas: 3 }, write('helm'))).toThrow(
      expect.objectContaining({
        message: 'Apply failed with 1 conflict: conflict with "kubectl-edit" using apps/v1: .spec.replicas',
        code: 409,
        reason: 'Conflict',
        status: expect.objectContaining({
          details: {
            causes: [
              {
                reason: 'FieldManagerConflict',
                message: 'conflict with "kubectl-edit" using apps/v1',
                field: '.spec.replicas',
              },
            ],
          },
        }),
      }),
    );
    const forced = applied(live, { replicas: 3 }, write('helm'), true);
    expect(forced.spec.replicas).toBe(3);
    expect(names(forced)).toEqual(['helm']);
  });

  it('gives what was there before to an owner of its own', () => {
    const live = deployment({ replicas: 1 });
    expect(names(applied(live, { paused: true }, write('helm')))).toEqual(['helm', 'before-first-apply']);
  });

  it('lets kubectl take over what it applied from the client side', () => {
    const annotation = JSON.stringify({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web' },
      spec: { replicas: 1 },
    });
    const annotations = { 'kubectl.kubernetes.io/last-applied-configuration': annotation };
    const live = updated(
      undefined,
      deployment({ replicas: 1, paused: true }, { annotations }),
      write('kubectl-client-side-apply'),
    );
    const next = applied(live, { replicas: 2 }, write('kubectl'));
    expect(next.spec.replicas).toBe(2);
    expect(JSON.parse(next.metadata.annotations['kubectl.kubernetes.io/last-applied-configuration']).spec).toEqual({
      replicas: 2,
    });
    expect(() => applied(live, { paused: false }, write('kubectl'))).toThrow('.spec.paused');
  });

  it.each([
    [
      'a field that is not declared',
      { foo: 1 },
      'failed to create typed patch object (/web; apps/v1, Kind=Deployment): .spec.foo: field not declared in schema',
      500,
    ],
    [
      'a wrong type',
      { replicas: 'x' },
      'failed to create typed patch object (/web; apps/v1, Kind=Deployment): .spec.replicas: expected numeric (int or float), got string',
      500,
    ],
    [
      'an item twice',
      { template: { spec: { containers: [{ name: 'a' }, { name: 'a' }] } } },
      'failed to create typed patch object (/web; apps/v1, Kind=Deployment): .spec.template.spec.containers: duplicate entries for key [name="a"]',
      500,
    ],
  ])('refuses %s', (_case, spec, message, code) => {
    expect(() => applied(undefined, spec, write('a'))).toThrow(expect.objectContaining({ message, code }));
  });

  it('refuses another version, and managedFields', () => {
    const apply = (patch: object) => applyServerSidePatch(undefined, patch, { ...write('a'), force: false });
    expect(() => apply({ apiVersion: 'v1', kind: 'Deployment' })).toThrow('invalid object type: /v1, Kind=Deployment');
    expect(() => apply({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { managedFields: [] } })).toThrow(
      'metadata.managedFields must be nil',
    );
  });
});

/** Random writes and what Kubernetes 1.36's own field manager makes of them. */
describe('recorded sequences of writes', () => {
  it.each((recorded as any[]).map((sequence, at) => [at, sequence.gvk.join('/'), sequence] as const))(
    '%i %s',
    (_at, _name, { gvk, steps }) => {
      const type = schemaOf({ group: gvk[0], version: gvk[1], kind: gvk[2] })!;
      const sorted = (value: any): any => ({
        ...value,
        managedFields: [...(value.managedFields ?? [])].map(withoutTime),
      });
      let live: any;
      for (const { op, manager, sub, force, object, refused, written } of steps) {
        const by = {
          manager,
          apiVersion: apiVersionOf({ group: gvk[0], version: gvk[1] }),
          subresource: sub,
          time: TIME,
          schema: type,
        };
        const step = (): any =>
          op === 'apply'
            ? checkFields(applyServerSidePatch(live, object, { ...by, force: Boolean(force) }), type).object
            : updated(live, checkFields(object, type).object, by);
        if (refused) {
          expect(step).toThrow(refused);
          continue;
        }
        const before = JSON.stringify(live);
        const { apiVersion: _apiVersion, kind: _kind, ...next } = step();
        expect(JSON.stringify(live)).toBe(before);
        // The recording leaves out nulls, which Go writes for what is missing.
        expect(withoutNulls({ ...next, metadata: sorted(next.metadata) })).toEqual({
          ...written,
          metadata: sorted(written.metadata),
        });
        live = { apiVersion: by.apiVersion, kind: gvk[2], ...next };
      }
    },
  );
});

function withoutNulls(value: object): unknown {
  return JSON.parse(JSON.stringify(value, (_key, member: unknown) => (member === null ? undefined : member)));
}

function withoutTime({ time: _time, ...entry }: ManagedFieldsEntry): ManagedFieldsEntry {
  return entry;
}
