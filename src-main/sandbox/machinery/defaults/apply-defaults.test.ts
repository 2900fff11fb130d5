import { describe, expect, it } from 'vitest';
import { parseApiVersion } from '#common/kube/resource';
import { schemaOf } from '../schema';
import { checkFields } from '../strict-fields';
import { applyDefaults } from './apply-defaults';
import recorded from './recorded-defaults.json';

/** What kube-apiserver 1.36.3 writes back for each body; nulls, which Go writes for empty lists, are left out. */
const cases = (recorded as any[]).map(({ given, written }, at) => [`${at} ${given.kind}`, given, written] as const);

function withoutNulls(value: object): unknown {
  return JSON.parse(JSON.stringify(value, (_key, member: unknown) => (member === null ? undefined : member)));
}

function frozen<T extends object>(value: T): T {
  for (const member of Object.values(value)) if (typeof member === 'object' && member !== null) frozen(member);
  return Object.freeze(value);
}

describe('applyDefaults', () => {
  it.each(cases)('gives case %s what the server gives it', (_case, given, written) => {
    const gvk = { ...parseApiVersion(given.apiVersion), kind: given.kind };
    const draft = structuredClone(checkFields(given, schemaOf(gvk)!).object);
    applyDefaults(draft, gvk);
    expect(withoutNulls(draft)).toEqual(written);
  });

  it('changes nothing the second time', () => {
    for (const [, , written] of cases) {
      const gvk = { ...parseApiVersion(written.apiVersion), kind: written.kind };
      // Parts that are shared with a stored object cannot be written to.
      const draft = frozen(structuredClone(written));
      applyDefaults(draft, gvk);
      expect(draft).toEqual(written);
    }
  });

  it('leaves kinds without a schema alone', () => {
    const draft = { apiVersion: 'example.com/v1', kind: 'CronTab', spec: {} };
    applyDefaults(draft, { group: 'example.com', version: 'v1', kind: 'CronTab' });
    expect(draft).toEqual({ apiVersion: 'example.com/v1', kind: 'CronTab', spec: {} });
  });
});
