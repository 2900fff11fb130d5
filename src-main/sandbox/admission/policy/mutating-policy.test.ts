import { describe, expect, it } from 'vitest';
import { ConfigMaps, MutatingAdmissionPolicies, MutatingAdmissionPolicyBindings } from '#common/kube/resources';
import type { MutatingAdmissionPolicy, Mutation } from '#common/kube/types';
import { TestSandbox } from '#test/harness/test-sandbox';

const rules = { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['configmaps'] };
const applied = (expression: string): Mutation => ({
  patchType: 'ApplyConfiguration',
  applyConfiguration: { expression },
});
const patched = (expression: string): Mutation => ({ patchType: 'JSONPatch', jsonPatch: { expression } });

/** A ConfigMap as the policy leaves it, or the refusal. */
async function made(mutations: Mutation[], spec: object = {}, labels: Record<string, string> = { team: 'blue' }) {
  await using sandbox = await TestSandbox.open();
  await sandbox.create(MutatingAdmissionPolicies, {
    metadata: { name: 'p' },
    spec: { matchConstraints: { resourceRules: [rules] }, reinvocationPolicy: 'Never', mutations, ...spec },
  } as unknown as MutatingAdmissionPolicy);
  await sandbox.create(MutatingAdmissionPolicyBindings, { metadata: { name: 'b' }, spec: { policyName: 'p' } });
  try {
    const { metadata, data } = await sandbox.create(ConfigMaps, {
      metadata: { name: 'one', labels },
      data: { a: '1' },
    });
    return { labels: metadata.labels, annotations: metadata.annotations, data };
  } catch (problem) {
    return (problem as Error).message;
  }
}

describe('mutating policies', () => {
  it('merge what their expressions apply, and see each other', async () => {
    const variables = [{ name: 'team', expression: 'object.metadata.labels.team' }];
    const first = applied('Object{metadata: Object.metadata{labels: {"owner": variables.team}}}');
    const second = applied('Object{data: {"owner": object.metadata.labels.owner}}');
    expect(await made([first, second], { variables })).toEqual({
      labels: { team: 'blue', owner: 'blue' },
      annotations: undefined,
      data: { a: '1', owner: 'blue' },
    });
  });

  it('patch, with names that are escaped', async () => {
    const mutation = patched(
      '[JSONPatch{op: "add", path: "/metadata/annotations", value: {}}, JSONPatch{op: "add", path: "/metadata/annotations/" + jsonpatch.escapeKey("a/b"), value: "c"}]',
    );
    expect(await made([mutation])).toMatchObject({ annotations: { 'a/b': 'c' } });
  });

  it('leave alone what their conditions leave out', async () => {
    const matchConditions = [{ name: 'red', expression: 'object.metadata.labels.team == "red"' }];
    expect(await made([applied('Object{data: {"a": "2"}}')], { matchConditions })).toMatchObject({ data: { a: '1' } });
  });

  it('refuse what they cannot change, unless told to let it pass', async () => {
    const mutation = patched('[JSONPatch{op: "remove", path: "/nothing"}]');
    expect(await made([mutation])).toContain("policy 'p' with binding 'b' denied request: ");
    expect(await made([mutation], { failurePolicy: 'Ignore' })).toMatchObject({ data: { a: '1' } });
  });
});
