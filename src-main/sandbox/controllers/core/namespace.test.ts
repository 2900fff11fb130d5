import { describe, expect, it } from 'vitest';
import { ConfigMaps, Namespaces, ServiceAccounts } from '#common/kube/resources';
import { TestSandbox } from '#test/harness/test-sandbox';
import { secondsLeft, namespaceController } from './namespace';
import { deletionConditions, remainingOf } from './namespace-content';
import { rootCaController, serviceAccountController } from './service-account';

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
    const remaining = remainingOf(pods, listOf(object(['a/b']), object(['a/b', 'c/d'], 30)));
    if (!remaining) throw new Error('something is left');
    expect(secondsLeft([remaining])).toBe(30);
    const told = deletionConditions([remaining], undefined, 0).map(({ status, message }) => `${status} ${message}`);
    expect(told).toEqual([
      'False All resources successfully discovered',
      'False All legacy kube types successfully parsed',
      'False All content successfully deleted, may be waiting on finalization',
      'True Some resources are remaining: pods. has 2 resource instances',
      'True Some content in the namespace has finalizers remaining: a/b in 2 resource instances, c/d in 1 resource instances',
    ]);
  });
});

describe('namespace controller', () => {
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
