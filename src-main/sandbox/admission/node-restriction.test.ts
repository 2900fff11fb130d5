import { describe, expect, it } from 'vitest';
import { ConfigMaps, Nodes, Pods } from '#common/kube/resources';
import type { AnyObject } from '#common/kube/object';
import { TestSandbox } from '#test/harness/test-sandbox';
import { forbiddenLabels } from './node-labels';
import { referencedKind } from './pod-references';

describe('forbiddenLabels', () => {
  it.each([
    ['its own domain', { 'example.com/a': 'b' }, {}, []],
    ['what kubelets set', { 'kubernetes.io/os': 'linux', 'sub.kubelet.kubernetes.io/a': 'b' }, {}, []],
    ['what is reserved', { 'node-restriction.kubernetes.io/a': 'b' }, {}, ['node-restriction.kubernetes.io/a']],
    ['what is unknown', { 'k8s.io/b': '1', 'kubernetes.io/a': '1' }, {}, ['k8s.io/b', 'kubernetes.io/a']],
    ['what stays', { 'kubernetes.io/a': '1' }, { 'kubernetes.io/a': '1' }, []],
    ['what is taken away', {}, { 'kubernetes.io/a': '1' }, ['kubernetes.io/a']],
  ])('%s', (_case, next, before, forbidden) => {
    expect(forbiddenLabels(next as Record<string, string>, before as Record<string, string>)).toEqual(forbidden);
  });
});

describe('referencedKind', () => {
  it.each([
    ['nothing', {}, undefined],
    ['an account', { serviceAccountName: 'a' }, 'serviceaccounts'],
    ['a Secret', { imagePullSecrets: [{ name: 'a' }] }, 'secrets'],
    ['a ConfigMap', { volumes: [{ name: 'v', configMap: { name: 'a' } }] }, 'configmaps'],
    ['a claim', { volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'a' } }] }, 'persistentvolumeclaims'],
    [
      'a token',
      { volumes: [{ name: 'v', projected: { sources: [{ serviceAccountToken: { path: 'a' } }] } }] },
      'serviceaccounts (via projected volumes)',
    ],
    ['files of its own', { volumes: [{ name: 'v', emptyDir: {} }] }, undefined],
  ])('%s', (_case, spec, kind) => {
    expect(referencedKind({ metadata: { name: 'p' }, spec: { containers: [], ...spec } } as never)).toBe(kind);
  });
});

describe('a kubelet', () => {
  const refusal = (work: Promise<unknown>) =>
    work.then(
      () => 'done',
      (problem: Error) => problem.message,
    );

  it('writes its own Node and the Pods that run there', async () => {
    await using sandbox = await TestSandbox.open();
    const client = sandbox.clientAs({ name: 'system:node:one', groups: ['system:nodes'] });
    const node = (name: string) => ({ metadata: { name }, spec: {} });
    const pod = (name: string, nodeName: string) =>
      ({
        metadata: { name, namespace: 'default' },
        spec: { nodeName, containers: [{ name: 'a', image: 'x' }] },
      }) as unknown as AnyObject;
    expect((await client.create(Nodes, node('one'))).spec?.taints).toEqual([
      { key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' },
    ]);
    expect(await refusal(client.create(Nodes, node('two')))).toBe(
      'nodes "two" is forbidden: node "one" is not allowed to modify node "two"',
    );
    expect(await refusal(client.create(Pods, pod('web', 'one') as never))).toContain(
      'node "one" can only create mirror pods',
    );
    await sandbox.create(Pods, pod('theirs', 'two') as never);
    const ref = { name: 'theirs', namespace: 'default' };
    expect(await refusal(client.remove(Pods, ref))).toContain('can only delete pods with spec.nodeName set to itself');
    expect(await refusal(client.get(Pods, ref))).toContain("no relationship found between node 'one' and this object");
    expect(await refusal(client.list(ConfigMaps, { namespace: 'default' }))).toContain('No Object name found');
  });
});
