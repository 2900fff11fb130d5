import { describe, expect, it } from 'vitest';
import { isRenewedContinuously } from '#common/kinds/node-lease';
import { Leases } from '#common/kube/resources';
import { TestSandbox } from '#test/harness/test-sandbox';
import { serverId } from './identity';

describe('the identity of an API server', () => {
  it('is made of its machine, as the release makes it', () => {
    // As the release's own code computes it.
    expect(serverId('node-1')).toBe('apiserver-lgabes5ywnaqeagh5dny4zlzs4');
  });

  it('is a lease that needs no renewal', async () => {
    await using sandbox = await TestSandbox.open();
    const [lease] = await sandbox.list(Leases, 'kube-system');
    expect(lease).toMatchObject({
      metadata: {
        name: serverId('node-1'),
        labels: { 'apiserver.kubernetes.io/identity': 'kube-apiserver', 'kubernetes.io/hostname': 'node-1' },
      },
      spec: { holderIdentity: expect.stringContaining(`${serverId('node-1')}_`), leaseDurationSeconds: 3600 },
    });
    expect(isRenewedContinuously(lease!)).toBe(true);
  });
});
