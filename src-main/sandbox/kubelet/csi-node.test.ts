import { describe, expect, it } from 'vitest';
import { CSINodes, Nodes } from '#common/kube/resources';
import { storageDrivers } from '#main/sandbox/controllers/storage/storage-drivers';
import { TestSandbox } from '#test/harness/test-sandbox';
import { csiNodeDraft, keepCsiNode } from './csi-node';

describe('the CSINode of a node', () => {
  it('names every storage system whose volumes are attached', async () => {
    await using sandbox = await TestSandbox.open();
    const node = await sandbox.node('one');
    const attached = storageDrivers.filter(({ attaches }) => attaches).map(({ provisioner }) => provisioner);
    expect(
      csiNodeDraft(node)
        .spec.drivers.map(({ name }) => name)
        .sort(),
    ).toEqual(attached.sort());
  });

  it('is made anew where an earlier node of the name has left one', async () => {
    await using sandbox = await TestSandbox.open();
    const deps = { client: sandbox.client, signal: new AbortController().signal };
    const before = await sandbox.node('one');
    await keepCsiNode(before, deps);
    await keepCsiNode(before, deps);
    const first = await sandbox.get(CSINodes, 'one');
    await sandbox.client.remove(Nodes, { name: 'one' });
    await keepCsiNode(await sandbox.node('one'), deps);
    const second = await sandbox.get(CSINodes, 'one');
    expect(second.metadata.uid).not.toBe(first.metadata.uid);
    expect(second.metadata.ownerReferences?.[0]?.uid).not.toBe(before.metadata.uid);
  });
});
