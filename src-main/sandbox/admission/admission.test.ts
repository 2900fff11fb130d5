import { describe, expect, it } from 'vitest';
import {
  LimitRanges,
  Namespaces,
  PersistentVolumeClaims,
  Pods,
  ResourceQuotas,
  StorageClasses,
} from '#common/kube/resources';
import type { Pod } from '#common/kube/types';
import { TestSandbox } from '#test/harness/test-sandbox';

const container = { name: 'web', image: 'nginx' };
const pod = (name: string, spec: object = {}): Partial<Pod> =>
  ({ metadata: { name, namespace: 'default' }, spec: { containers: [container], ...spec } }) as unknown as Pod;

const refusal = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'accepted',
    (problem: Error) => problem.message,
  );

describe('admission', () => {
  it('names what has no name yet by how the name will begin', async () => {
    await using sandbox = await TestSandbox.open();
    const lost = { ...pod('', { serviceAccountName: 'nobody' }), metadata: { generateName: 'web-' } };
    expect(await refusal(sandbox.create(Pods, lost as unknown as Pod))).toBe(
      'pods "web-" is forbidden: error looking up service account default/nobody: serviceaccount "nobody" not found',
    );
  });

  it('gives containers the defaults of a LimitRange and refuses more than its maximum', async () => {
    await using sandbox = await TestSandbox.open();
    const limits = [
      { type: 'Container', default: { cpu: '500m' }, defaultRequest: { cpu: '100m' }, max: { cpu: '1' } },
    ];
    await sandbox.create(LimitRanges, { metadata: { name: 'limits' }, spec: { limits } });
    const made = await sandbox.create(Pods, pod('small') as Pod);
    expect(made.spec.containers[0]?.resources).toEqual({ limits: { cpu: '500m' }, requests: { cpu: '100m' } });
    expect(made.metadata.annotations?.['kubernetes.io/limit-ranger']).toBe(
      'LimitRanger plugin set: cpu request for container web; cpu limit for container web',
    );
    const big = pod('big', { containers: [{ ...container, resources: { limits: { cpu: '2' } } }] });
    expect(await refusal(sandbox.create(Pods, big as Pod))).toBe(
      'pods "big" is forbidden: maximum cpu usage per Container is 1, but limit is 2',
    );
  });

  it.each([{}, { spec: {} }, { spec: { initContainers: [container] } }])(
    'leaves %j to the rules of Pods',
    async (rest) => {
      await using sandbox = await TestSandbox.open();
      const limits = [{ type: 'Container', defaultRequest: { cpu: '100m' } }];
      await sandbox.create(LimitRanges, { metadata: { name: 'limits' }, spec: { limits } });
      const empty = { metadata: { name: 'empty' }, ...rest } as unknown as Pod;
      expect(await refusal(sandbox.create(Pods, empty))).toContain('spec.containers: Required value');
    },
  );

  it('refuses what a quota has no room for, and books what it lets through', async () => {
    await using sandbox = await TestSandbox.open();
    await sandbox.create(ResourceQuotas, {
      metadata: { name: 'q' },
      spec: { hard: { pods: '2', 'count/deployments.apps': '1' } },
    });
    const outcomes = await Promise.all(['a', 'b', 'c'].map((name) => refusal(sandbox.create(Pods, pod(name) as Pod))));
    expect(outcomes).toEqual([
      'accepted',
      'accepted',
      'pods "c" is forbidden: exceeded quota: q, requested: pods=1, used: pods=2, limited: pods=2',
    ]);
    const quota = await sandbox.client.get(ResourceQuotas, { name: 'q', namespace: 'default' });
    expect(quota.status?.used?.['pods']).toBe('2');
    await sandbox.client.remove(Pods, { name: 'a', namespace: 'default' });
    expect(await refusal(sandbox.create(Pods, pod('d') as Pod))).toBe('accepted');
  });

  it('demands what a quota counts', async () => {
    await using sandbox = await TestSandbox.open();
    await sandbox.create(ResourceQuotas, {
      metadata: { name: 'q' },
      spec: { hard: { 'limits.cpu': '2', memory: '1Gi' } },
    });
    expect(await refusal(sandbox.create(Pods, pod('a') as Pod))).toBe(
      'pods "a" is forbidden: failed quota: q: must specify limits.cpu for: web; memory for: web',
    );
  });

  it('holds Pods to the standard of their namespace', async () => {
    await using sandbox = await TestSandbox.open();
    const labels = { 'pod-security.kubernetes.io/enforce': 'restricted' };
    await sandbox.client.patch(Namespaces, { name: 'default' }, { type: 'merge', patch: { metadata: { labels } } });
    expect(await refusal(sandbox.create(Pods, pod('web', { hostNetwork: true }) as Pod))).toBe(
      'pods "web" is forbidden: violates PodSecurity "restricted:latest": host namespaces (hostNetwork=true), ' +
        'allowPrivilegeEscalation != false (container "web" must set securityContext.allowPrivilegeEscalation=false), ' +
        'unrestricted capabilities (container "web" must set securityContext.capabilities.drop=["ALL"]), ' +
        'runAsNonRoot != true (pod or container "web" must set securityContext.runAsNonRoot=true), ' +
        'seccompProfile (pod or container "web" must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")',
    );
    const safe = { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } };
    const securityContext = { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } };
    const good = pod('good', { containers: [{ ...container, securityContext: safe }], securityContext });
    expect(await refusal(sandbox.create(Pods, good as Pod))).toBe('accepted');
  });

  it('lets a Pod be replaced by who does not know its priority', async () => {
    await using sandbox = await TestSandbox.open();
    const { spec } = await sandbox.create(Pods, pod('web') as Pod);
    const { priority: _priority, preemptionPolicy: _policy, ...known } = spec;
    const replaced = await sandbox.client.update(Pods, { ...pod('web'), spec: known } as Pod);
    expect([replaced.spec.priority, replaced.spec.preemptionPolicy]).toEqual([0, 'PreemptLowerPriority']);
  });

  it('gives a claim the default class', async () => {
    await using sandbox = await TestSandbox.open();
    const annotations = { 'storageclass.kubernetes.io/is-default-class': 'true' };
    await sandbox.create(StorageClasses, { metadata: { name: 'standard', annotations }, provisioner: 'x' });
    const spec = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } };
    const claim = await sandbox.create(PersistentVolumeClaims, { metadata: { name: 'data' }, spec });
    expect(claim.spec.storageClassName).toBe('standard');
  });
});
