import { describe, expect, it } from 'vitest';
import { openSandbox } from '#main/sandbox/index';
import { addNode, freeName, nodeManifest } from './add-node';

describe('addNode', () => {
  it('takes the first free name', () => {
    expect(freeName(['node-1', 'node-3'])).toBe('node-2');
  });

  it('asks for what is said and nothing else', () => {
    expect(nodeManifest('a', {})).toEqual({ metadata: { name: 'a' }, spec: { providerID: 'sandbox:///a' } });
    expect(nodeManifest('a', { cpu: '2' }).status).toEqual({ capacity: { cpu: '2' } });
  });

  it('lets a machine join a cluster, once', async () => {
    await using cluster = await openSandbox({ name: 'demo', nodes: 1, scenario: 'empty' });
    await cluster.ready();
    expect(await addNode(cluster.kubeconfig(), {})).toBe('node-2');
    expect(await addNode(cluster.kubeconfig(), { node: 'big', memory: '64Gi' })).toBe('big');
    await expect(addNode(cluster.kubeconfig(), { node: 'big' })).rejects.toMatchObject({ code: 'node-name-taken' });
    await expect(addNode(cluster.kubeconfig(), { cpu: 'much' })).rejects.toMatchObject({ code: 'usage' });
  });
});
