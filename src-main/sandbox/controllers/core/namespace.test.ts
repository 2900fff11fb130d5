import { describe, expect, it } from 'vitest';
import { ConfigMaps, Namespaces, Pods, ServiceAccounts } from '#common/kube/resources';
import { TestSandbox } from '#test/harness/test-sandbox';
import { secondsLeft, namespaceController } from './namespace';
import { deletionConditions, remainingOf, type Emptying } from './namespace-content';
import { rootCaController, serviceAccountController } from './service-account';

const told = (emptying: Partial<Emptying>) =>
  deletionConditions({ remaining: [], silent: [], failures: [], ...emptying }, undefined, 0).map(
    ({ status, message }) => `${status} ${message}`,
  );

describe('what is left in a namespace', () => {
  const object = (finalizers: string[], deletionGracePeriodSeconds?: number) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: 'x',
      uid: 'x',
      resourceVersion: '1',
      creationTimestamp: '2026-01-01T00:00:00Z',
      finalizers,
      ...(deletionGracePeriodSeconds === undefined ? {} : { deletionGracePeriodSeconds }),
    },
  });
  const pods = { group: '', version: 'v1', plural: 'pods', kind: 'Pod', namespaced: true };
  const maps = { ...pods, plural: 'configmaps', kind: 'ConfigMap' };
  const sets = { ...pods, group: 'apps', plural: 'statefulsets', kind: 'StatefulSet' };
  const listOf = (...items: ReturnType<typeof object>[]) => ({
    apiVersion: 'v1',
    kind: 'PodList',
    metadata: {},
    items,
  });

  it('is nothing when the list is empty', () => {
    expect(remainingOf(pods, listOf())).toBeUndefined();
  });

  it('is told with counts and finalizers, as Kubernetes words it', () => {
    const left = [
      remainingOf(sets, listOf(object([]))),
      remainingOf(maps, listOf(object(['a/b']), object(['a/b', 'c/d'], 30))),
    ];
    const remaining = left.flatMap((one) => one ?? []);
    expect(secondsLeft(remaining)).toBe(30);
    expect(told({ remaining })).toEqual([
      'False All resources successfully discovered',
      'False All legacy kube types successfully parsed',
      'False All content successfully deleted, may be waiting on finalization',
      'True Some resources are remaining: configmaps. has 2 resource instances, statefulsets.apps has 1 resource instances',
      'True Some content in the namespace has finalizers remaining: a/b in 2 resource instances, c/d in 1 resource instances',
    ]);
  });
});

describe('a namespace on its way out', () => {
  it('says what stands in its way', () => {
    const [, , content] = told({ failures: ['b', 'a'] });
    const [discovery] = told({ silent: ['metrics.k8s.io/v1beta1'] });
    expect([content, discovery]).toEqual([
      'True Failed to delete all resource types, 2 remaining: a, b',
      'True Discovery failed for some groups, 1 failing: unable to retrieve the complete list of server APIs: metrics.k8s.io/v1beta1: stale GroupVersion discovery: metrics.k8s.io/v1beta1',
    ]);
  });
});

describe('namespace controller', () => {
  it('empties a namespace of its Pods before anything else', async () => {
    await using sandbox = await TestSandbox.open({ controllers: [namespaceController, serviceAccountController] });
    await sandbox.namespace('shop');
    await sandbox.settle();
    await sandbox.create(Pods, {
      metadata: { name: 'web', namespace: 'shop', finalizers: ['example.com/hold'] },
      spec: { containers: [{ name: 'main', image: 'nginx' }] },
    });
    await sandbox.create(ConfigMaps, { metadata: { name: 'pages', namespace: 'shop' } });
    await sandbox.client.remove(Namespaces, { name: 'shop' });
    await sandbox.settle();
    const { status } = await sandbox.get(Namespaces, 'shop');
    expect(status?.conditions?.map(({ status: value }) => value)).toEqual(Array(5).fill('False'));
    expect(await sandbox.list(ConfigMaps, 'shop')).not.toEqual([]);
    const patch = { metadata: { finalizers: null } };
    await sandbox.client.patch(Pods, { name: 'web', namespace: 'shop' }, { type: 'merge', patch });
    await sandbox.settle();
    expect((await sandbox.list(Namespaces)).map(({ metadata }) => metadata.name)).not.toContain('shop');
  });

  it('empties a deleted namespace and lets it go', async () => {
    await using sandbox = await TestSandbox.open({ controllers: [namespaceController] });
    await sandbox.namespace('shop');
    await sandbox.create(ConfigMaps, { metadata: { name: 'pages', namespace: 'shop' } });
    await sandbox.client.remove(Namespaces, { name: 'shop' });
    await sandbox.settle();
    expect((await sandbox.list(Namespaces)).map(({ metadata }) => metadata.name)).not.toContain('shop');
    expect(await sandbox.list(ConfigMaps, 'shop')).toEqual([]);
    expect(sandbox.reports).toEqual([]);
  });

  it('says what holds the namespace back, and goes on when that is gone', async () => {
    await using sandbox = await TestSandbox.open({ controllers: [namespaceController] });
    await sandbox.namespace('shop');
    await sandbox.create(ConfigMaps, {
      metadata: { name: 'held', namespace: 'shop', finalizers: ['example.com/hold'] },
    });
    await sandbox.client.remove(Namespaces, { name: 'shop' });
    await sandbox.settle();

    const { status } = await sandbox.get(Namespaces, 'shop');
    expect(status?.phase).toBe('Terminating');
    expect(status?.conditions?.find(({ type }) => type === 'NamespaceFinalizersRemaining')).toMatchObject({
      status: 'True',
      message: 'Some content in the namespace has finalizers remaining: example.com/hold in 1 resource instances',
    });

    const patch = { metadata: { finalizers: null } };
    await sandbox.client.patch(ConfigMaps, { name: 'held', namespace: 'shop' }, { type: 'merge', patch });
    await sandbox.advance(60_000);
    expect((await sandbox.list(Namespaces)).map(({ metadata }) => metadata.name)).not.toContain('shop');
  });
});

describe('every namespace', () => {
  const controllers = [serviceAccountController, rootCaController('PEM')];

  it('has a default ServiceAccount and the root certificate, also after somebody deletes them', async () => {
    await using sandbox = await TestSandbox.open({ controllers });
    await sandbox.namespace('shop');
    await sandbox.settle();
    const account = await sandbox.get(ServiceAccounts, 'default', 'shop');
    expect((await sandbox.get(ConfigMaps, 'kube-root-ca.crt', 'shop')).data).toEqual({ 'ca.crt': 'PEM' });

    await sandbox.client.remove(ServiceAccounts, account.metadata);
    await sandbox.client.remove(ConfigMaps, { name: 'kube-root-ca.crt', namespace: 'shop' });
    await sandbox.settle();
    expect((await sandbox.get(ServiceAccounts, 'default', 'shop')).metadata.uid).not.toBe(account.metadata.uid);
    expect((await sandbox.get(ConfigMaps, 'kube-root-ca.crt', 'shop')).data).toEqual({ 'ca.crt': 'PEM' });
    expect(sandbox.reports).toEqual([]);
  });
});
