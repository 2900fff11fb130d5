import { describe, expect, it } from 'vitest';
import { ClusterRoles } from '#common/kube/resources';
import type { ClusterRole, PolicyRule } from '#common/kube/types';
import { TestSandbox } from '#test/harness/test-sandbox';
import { clusterRoleAggregation, gatheredRules } from './cluster-role-aggregation';

const rule = (resource: string): PolicyRule => ({ apiGroups: [''], resources: [resource], verbs: ['get'] });
const role = (name: string, labels: Record<string, string>, ...rules: PolicyRule[]) =>
  ({ metadata: { name, labels }, rules }) as unknown as ClusterRole;
const gathering = (...labels: Record<string, string>[]) =>
  ({
    metadata: { name: 'all', labels: { a: 'b' } },
    aggregationRule: { clusterRoleSelectors: labels.map((matchLabels) => ({ matchLabels })) },
  }) as unknown as ClusterRole;

describe('gatheredRules', () => {
  it.each([
    ['nothing fits', gathering({ x: 'y' }), []],
    ['each once, by name', gathering({ a: 'b' }), [rule('pods'), rule('nodes')]],
    ['selector by selector', gathering({ c: 'd' }, { a: 'b' }), [rule('nodes'), rule('pods')]],
  ])('%s', (_case, one, rules) => {
    const all = [role('z', { a: 'b', c: 'd' }, rule('nodes')), role('m', { a: 'b' }, rule('pods'), rule('pods')), one];
    expect(gatheredRules(one, all)).toEqual(rules);
  });
});

describe('clusterrole aggregation', () => {
  it('fills the roles of the release, and follows what is labelled later', async () => {
    await using sandbox = await TestSandbox.open({ controllers: [clusterRoleAggregation] });
    await sandbox.settle();
    const before = await sandbox.get(ClusterRoles, 'admin');
    expect(before.rules?.length).toBeGreaterThan(10);
    await sandbox.create(ClusterRoles, {
      metadata: { name: 'widgets', labels: { 'rbac.authorization.k8s.io/aggregate-to-view': 'true' } },
      rules: [rule('widgets')],
    });
    await sandbox.settle();
    for (const name of ['view', 'edit', 'admin']) {
      expect((await sandbox.get(ClusterRoles, name)).rules).toContainEqual(rule('widgets'));
    }
    await sandbox.client.remove(ClusterRoles, { name: 'widgets' });
    await sandbox.settle();
    expect((await sandbox.get(ClusterRoles, 'view')).rules).not.toContainEqual(rule('widgets'));
  });
});
