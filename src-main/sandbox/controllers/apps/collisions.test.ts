import { describe, expect, it } from 'vitest';
import { ControllerRevisions, DaemonSets, Deployments, ReplicaSets, StatefulSets } from '#common/kube/resources';
import type { ControllerRevision, PodTemplateSpec } from '#common/kube/types';
import type { Draft } from '#main/client/client';
import { TestSandbox } from '#test/harness/test-sandbox';
import { daemonSetController } from './daemonset';
import { deploymentController } from './deployment';
import { statefulSetController } from './statefulset';
import { templateHash } from './template-hash';

const template: PodTemplateSpec = {
  metadata: { labels: { app: 'web' } },
  spec: { containers: [{ name: 'main', image: 'pause' }] },
};
const spec = { selector: { matchLabels: { app: 'web' } }, template };
/** As it is once the server has filled it in: that is what is hashed. */
const stored = (made: { spec: { template: PodTemplateSpec } }) => made.spec.template;
const taken = (name: string): Draft<ControllerRevision> => ({ metadata: { name }, data: { other: true }, revision: 7 });

describe('a hash whose name is taken', () => {
  it.each([
    { kind: 'StatefulSet', resource: StatefulSets, controller: statefulSetController, more: { serviceName: 'web' } },
    { kind: 'DaemonSet', resource: DaemonSets, controller: daemonSetController(), more: {} },
  ])('is left for another one by a $kind', async ({ resource, controller, more }) => {
    await using sandbox = await TestSandbox.open({ controllers: [controller] });
    const draft = { metadata: { name: 'web', namespace: 'default' }, spec: { ...spec, ...more } } as never;
    const dry = await sandbox.client.create(resource as typeof DaemonSets, draft, { dryRun: true });
    const names = [0, 1, 2].map((collisions) => `web-${templateHash(stored(dry), collisions)}`);
    await sandbox.create(ControllerRevisions, taken(names[0]!));
    await sandbox.create(ControllerRevisions, taken(names[1]!));
    await sandbox.create(resource as typeof DaemonSets, draft);
    await sandbox.settle();
    const revisions = await sandbox.list(ControllerRevisions);
    expect(revisions.map(({ metadata, revision }) => [metadata.name, revision]).sort()).toEqual(
      [
        [names[0], 7],
        [names[1], 7],
        [names[2], 1],
      ].sort(),
    );
    expect((await sandbox.get(resource as typeof DaemonSets, 'web')).status?.collisionCount).toBe(2);
    expect(sandbox.reports).toEqual([]);
  });

  it('is left for another one by a Deployment', async () => {
    await using sandbox = await TestSandbox.open({ controllers: [deploymentController] });
    await sandbox.create(Deployments, { metadata: { name: 'web' }, spec });
    await sandbox.settle();
    const [first] = await sandbox.list(ReplicaSets);
    const patch = { spec: { template: { metadata: { annotations: { look: 'other' } } } } };
    await sandbox.client.patch(
      ReplicaSets,
      { name: first!.metadata.name, namespace: 'default' },
      { type: 'merge', patch },
    );
    await sandbox.settle();
    const made = await sandbox.get(Deployments, 'web');
    expect(made.status?.collisionCount).toBe(1);
    const names = (await sandbox.list(ReplicaSets)).map(({ metadata }) => metadata.name).sort();
    expect(names).toEqual([first!.metadata.name, `web-${templateHash(stored(made), 1)}`].sort());
  });
});
