import { afterEach, describe, expect, it } from 'vitest';
import { ClusterRoleBindings, Deployments, ReplicaSets } from '#common/kube/resources';
import { makeCertificates } from '#main/sandbox/authn/certificates';
import { TestSandbox } from '#test/harness/test-sandbox';
import bootstrapPolicy from '#resources/kubernetes-schema/bootstrap-policy.json';
import { actsAs } from './controller-accounts';
import { builtInControllers } from './built-in-controllers';

let sandbox: TestSandbox | undefined;
afterEach(() => sandbox?.[Symbol.asyncDispose]());

const web = {
  metadata: { name: 'web' },
  spec: {
    replicas: 0,
    selector: { matchLabels: { app: 'web' } },
    template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'web', image: 'nginx' }] } },
  },
};

describe('the accounts of controllers', () => {
  it('are those that roles of the release are bound to', () => {
    const accounts = builtInControllers(makeCertificates(0)).flatMap(({ name }) => {
      const identity = actsAs(name);
      return typeof identity === 'object' ? [identity.account] : [];
    });
    const policy = JSON.stringify(bootstrapPolicy);
    expect(accounts.filter((account) => !policy.includes(`"${account}"`))).toEqual([]);
  });

  it('give controllers their rights: without a binding nothing is done, with it again everything', async () => {
    sandbox = await TestSandbox.open({ controllers: (keys) => builtInControllers(keys) });
    const { client } = sandbox;
    const name = 'system:controller:deployment-controller';
    const binding = await client.get(ClusterRoleBindings, { name });
    await client.remove(ClusterRoleBindings, { name });
    await sandbox.create(Deployments, web);
    await sandbox.settle();
    expect((await client.list(ReplicaSets)).items).toEqual([]);
    const { roleRef, subjects } = binding;
    await sandbox.create(ClusterRoleBindings, { metadata: { name }, roleRef, subjects: subjects ?? [] });
    await sandbox.settle();
    const [replicaSet] = (await client.list(ReplicaSets)).items;
    expect(replicaSet?.metadata.managedFields?.map(({ manager }) => manager)).toContain('kube-controller-manager');
  });
});
