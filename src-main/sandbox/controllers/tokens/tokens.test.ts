import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { ConfigMaps, Secrets, ServiceAccounts, TokenReviews } from '#common/kube/resources';
import type { Secret } from '#common/kube/types';
import { TestSandbox } from '#test/harness/test-sandbox';
import { accountSecretController } from './account-secrets';
import { bootstrapSigner, detachedSignature, endOf, signedInfo, tokenCleaner } from './bootstrap-tokens';

const base64 = (text: string) => Buffer.from(text).toString('base64');
const tokenSecret = (id: string, more: Record<string, string> = {}) => {
  const data = { 'token-id': id, 'token-secret': '0123456789abcdef', 'usage-bootstrap-signing': 'true', ...more };
  return {
    type: 'bootstrap.kubernetes.io/token',
    metadata: { name: `bootstrap-token-${id}`, namespace: 'kube-system' },
    data: Object.fromEntries(Object.entries(data).map(([key, value]) => [key, base64(value)])),
  } as unknown as Secret;
};
const info = (data: Record<string, string>) =>
  ({ metadata: { name: 'cluster-info', namespace: 'kube-public' }, data }) as never;

describe('bootstrap tokens', () => {
  it.each([
    ['without an end', {}, undefined],
    ['with one', { expiration: '2026-01-01T00:00:00Z' }, Date.UTC(2026, 0, 1)],
    ['with one that nobody can read', { expiration: 'soon' }, 0],
  ])('%s', (_case, data, end) => {
    expect(endOf(tokenSecret('abcdef', data))).toBe(end);
  });

  it('sign what they may, and only what changed is written', () => {
    const secrets = [
      tokenSecret('abcdef'),
      tokenSecret('ghijkl', { 'usage-bootstrap-signing': 'false' }),
      tokenSecret('mnopqr', { expiration: '2020-01-01T00:00:00Z' }),
    ];
    const signed = signedInfo(info({ kubeconfig: 'k', 'jws-kubeconfig-gone': 'x' }), secrets, Date.now());
    const signature = detachedSignature('k', { id: 'abcdef', secret: '0123456789abcdef' });
    expect(signed?.data).toEqual({ kubeconfig: 'k', 'jws-kubeconfig-abcdef': signature });
    expect(signedInfo(signed!, secrets, Date.now())).toBeUndefined();
    const [header, content, proof] = signature.split('.');
    expect(content).toBe('');
    expect(Buffer.from(header!, 'base64url').toString()).toBe('{"alg":"HS256","kid":"abcdef"}');
    const expected = createHmac('sha256', '0123456789abcdef').update(
      `${header}.${Buffer.from('k').toString('base64url')}`,
    );
    expect(proof).toBe(expected.digest('base64url'));
  });

  it('go when their time is over', async () => {
    await using sandbox = await TestSandbox.open({ controllers: [tokenCleaner, bootstrapSigner] });
    await sandbox.create(ConfigMaps, {
      metadata: { name: 'cluster-info', namespace: 'kube-public' },
      data: { kubeconfig: 'k' },
    });
    const expiration = new Date(sandbox.clock.now() + 3_600_000).toISOString();
    await sandbox.create(Secrets, tokenSecret('abcdef', { expiration }));
    await sandbox.settle();
    const signatures = async () =>
      Object.keys((await sandbox.get(ConfigMaps, 'cluster-info', 'kube-public')).data ?? {});
    expect(await signatures()).toEqual(['kubeconfig', 'jws-kubeconfig-abcdef']);
    await sandbox.advance(3_601_000);
    await sandbox.settle();
    expect(await sandbox.list(Secrets, 'kube-system')).toEqual([]);
    expect(await signatures()).toEqual(['kubeconfig']);
  });
});

describe('Secrets of accounts', () => {
  const type = 'kubernetes.io/service-account-token';
  const annotations = { 'kubernetes.io/service-account.name': 'robot' };

  it('get a token that speaks for the account, until it goes', async () => {
    let authority = '';
    await using sandbox = await TestSandbox.open({
      controllers(keys) {
        authority = keys.authority.certificate;
        return [accountSecretController(keys)];
      },
    });
    const account = await sandbox.create(ServiceAccounts, { metadata: { name: 'robot' } });
    await sandbox.create(Secrets, { metadata: { name: 'key', annotations }, type });
    await sandbox.settle();
    const { data, metadata } = await sandbox.get(Secrets, 'key');
    expect(metadata.annotations?.['kubernetes.io/service-account.uid']).toBe(account.metadata.uid);
    expect(Buffer.from(data?.['ca.crt'] ?? '', 'base64').toString()).toBe(authority);
    expect(Buffer.from(data?.['namespace'] ?? '', 'base64').toString()).toBe('default');
    const token = Buffer.from(data?.['token'] ?? '', 'base64').toString();
    const review = async () => (await sandbox.client.create(TokenReviews, { metadata: {}, spec: { token } })).status;
    expect((await review())?.user?.username).toBe('system:serviceaccount:default:robot');
    expect((await sandbox.get(Secrets, 'key')).metadata.labels).toHaveProperty('kubernetes.io/legacy-token-last-used');
    await sandbox.client.remove(ServiceAccounts, { name: 'robot', namespace: 'default' });
    await sandbox.settle();
    expect(await sandbox.list(Secrets, 'default')).toEqual([]);
    expect((await review())?.error).toBe('[invalid bearer token, Token has been invalidated]');
  });
});
