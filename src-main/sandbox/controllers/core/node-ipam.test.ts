import { describe, expect, it } from 'vitest';
import { Nodes } from '#common/kube/resources';
import { TestSandbox } from '#test/harness/test-sandbox';
import { nodeIpamController, PodBlocks } from './node-ipam';
import { nodeTtlController, stepFor } from './node-ttl';

describe('PodBlocks', () => {
  it('gives each node a block, keeps what nodes have, and gives again what was given back', () => {
    const blocks = new PodBlocks();
    expect(blocks.occupy('old', '10.244.1.0/24')).toBe(true);
    expect(blocks.occupy('other', '10.244.1.0/24')).toBe(false);
    expect([blocks.take('a'), blocks.take('b'), blocks.take('a')]).toEqual([
      '10.244.0.0/24',
      '10.244.2.0/24',
      '10.244.0.0/24',
    ]);
    blocks.release('old');
    expect(blocks.take('c')).toBe('10.244.3.0/24');
    expect(blocks.occupy('d', '10.244.1.0/24')).toBe(true);
  });
});

describe('stepFor', () => {
  it.each([
    { nodes: 3, at: 0, step: 0 },
    { nodes: 101, at: 0, step: 1 },
    { nodes: 95, at: 1, step: 1 },
    { nodes: 89, at: 1, step: 0 },
    { nodes: 5000, at: 0, step: 4 },
  ])('$nodes nodes from step $at: $step', ({ nodes, at, step }) => expect(stepFor(nodes, at)).toBe(step));
});

describe('what nodes get from the control plane', () => {
  it('is a range of addresses and a time to keep what they read', async () => {
    await using sandbox = await TestSandbox.open({ controllers: [nodeIpamController(), nodeTtlController()] });
    await sandbox.client.create(Nodes, { metadata: { name: 'a' }, spec: { podCIDR: '10.244.0.0/24' } });
    for (const name of ['b', 'c']) await sandbox.client.create(Nodes, { metadata: { name }, spec: {} });
    await sandbox.settle();
    const found = (await sandbox.list(Nodes)).map(({ metadata, spec }) => [
      spec.podCIDRs?.join(),
      metadata.annotations?.['node.alpha.kubernetes.io/ttl'],
    ]);
    expect(found).toEqual([
      ['10.244.0.0/24', '0'],
      ['10.244.1.0/24', '0'],
      ['10.244.2.0/24', '0'],
    ]);
    await sandbox.client.remove(Nodes, { name: 'b' });
    await sandbox.settle();
    await sandbox.client.create(Nodes, { metadata: { name: 'd' }, spec: {} });
    await sandbox.settle();
    expect((await sandbox.get(Nodes, 'd')).spec.podCIDR).toBe('10.244.3.0/24');
    expect(sandbox.reports).toEqual([]);
  });
});
