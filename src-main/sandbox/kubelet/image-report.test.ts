import { describe, expect, it } from 'vitest';
import { Nodes, Pods } from '#common/kube/resources';
import { TestSandbox } from '#test/harness/test-sandbox';
import { knownImages, reportedImages } from './image-report';

describe('images in the status of a node', () => {
  it('are the fifty largest, with digest and name', () => {
    const images = Array.from({ length: 60 }, (_, at) => ({ name: `quay.io/team/app:${at}`, sizeBytes: at }));
    const reported = reportedImages(images);
    expect(reported).toHaveLength(50);
    expect(reported[0]).toEqual({
      names: [expect.stringMatching(/^quay\.io\/team\/app@sha256:[0-9a-f]{64}$/), 'quay.io/team/app:59'],
      sizeBytes: 59,
    });
    expect(reported.at(-1)?.sizeBytes).toBe(10);
    expect(knownImages(reported)[0]).toEqual(['quay.io/team/app:59', 59]);
  });

  it('follow what is pulled, not at once', async () => {
    await using sandbox = await TestSandbox.open({ nodes: 1 });
    const containers = [{ name: 'main', image: 'nginx:1.27' }];
    await sandbox.create(Pods, { metadata: { name: 'web' }, spec: { nodeName: 'node-1', containers } });
    await sandbox.settle();
    expect((await sandbox.get(Nodes, 'node-1')).status?.images).toBeUndefined();
    await sandbox.advance(10_000);
    expect((await sandbox.get(Nodes, 'node-1')).status?.images?.map(({ names }) => names?.[1])).toEqual([
      'docker.io/library/nginx:1.27',
    ]);
  });
});
