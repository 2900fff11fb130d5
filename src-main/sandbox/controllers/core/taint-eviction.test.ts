import { describe, expect, it } from 'vitest';
import { Events, Nodes, Pods } from '#common/kube/resources';
import type { Taint, Toleration } from '#common/kube/types';
import { TestSandbox } from '#test/harness/test-sandbox';
import { taintEvictionController, toleratedMs } from './taint-eviction';

const taint = { key: 'node.kubernetes.io/not-ready', effect: 'NoExecute' };
const pod = (...tolerations: Toleration[]) => ({ spec: { containers: [], tolerations } });

describe('toleratedMs', () => {
  it.each([
    { case: 'no toleration', tolerations: [], stayMs: 0 },
    { case: 'stands it for good', tolerations: [{ operator: 'Exists' }], stayMs: undefined },
    {
      case: 'stands it for five minutes',
      tolerations: [{ key: taint.key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 }],
      stayMs: 300_000,
    },
    { case: 'no time', tolerations: [{ key: taint.key, operator: 'Exists', tolerationSeconds: -1 }], stayMs: 0 },
    { case: 'stands another taint only', tolerations: [{ key: 'x', operator: 'Exists' }], stayMs: 0 },
  ])('$case', ({ tolerations, stayMs }) => {
    expect(toleratedMs(pod(...tolerations), [taint])).toBe(stayMs);
  });

  it('heeds no taint that only keeps new Pods away, and counts the shortest of several', () => {
    expect(toleratedMs(pod(), [{ ...taint, effect: 'NoSchedule' }])).toBeUndefined();
    const all = [
      { key: taint.key, operator: 'Exists', tolerationSeconds: 9 },
      { key: 'x', tolerationSeconds: 5 },
    ];
    expect(toleratedMs(pod(...all), [taint, { key: 'x', effect: 'NoExecute' }])).toBe(5000);
  });
});

describe('taint eviction controller', () => {
  async function open(...tolerations: Toleration[]) {
    const sandbox = await TestSandbox.open({ controllers: [taintEvictionController()] });
    await sandbox.node('a');
    const spec = { nodeName: 'a', tolerations, containers: [{ name: 'main', image: 'nginx' }] };
    await sandbox.create(Pods, { metadata: { name: 'web' }, spec });
    return sandbox;
  }

  async function setTaints(sandbox: TestSandbox, taints: Taint[]) {
    const node = await sandbox.get(Nodes, 'a');
    await sandbox.client.update(Nodes, { ...node, spec: { ...node.spec, taints } });
    await sandbox.advance(0);
  }

  const told = async (sandbox: TestSandbox) =>
    (await sandbox.list(Events)).map(({ message, involvedObject }) => [message, involvedObject.uid]);

  it('takes a Pod away when the time is over, wherever the taint comes from', async () => {
    await using sandbox = await open({ key: 'x', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 30 });
    await setTaints(sandbox, [{ key: 'x', effect: 'NoExecute' }]);
    await sandbox.advance(29_000);
    expect((await sandbox.get(Pods, 'web')).metadata.deletionTimestamp).toBeUndefined();
    await sandbox.advance(2000);
    const { metadata, status } = await sandbox.get(Pods, 'web');
    expect(metadata.deletionTimestamp).toBeDefined();
    expect(status?.conditions).toMatchObject([
      {
        type: 'DisruptionTarget',
        status: 'True',
        reason: 'DeletionByTaintManager',
        message: 'Taint manager: deleting due to NoExecute taint',
      },
    ]);
    expect(await told(sandbox)).toEqual([['Marking for deletion Pod default/web', undefined]]);
    await setTaints(sandbox, []);
    expect(await told(sandbox)).toHaveLength(1);
    expect(sandbox.reports).toEqual([]);
  });

  it('lets a Pod stay whose taint goes in time', async () => {
    await using sandbox = await open({ key: 'x', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 30 });
    await setTaints(sandbox, [{ key: 'x', effect: 'NoExecute' }]);
    await sandbox.advance(20_000);
    await setTaints(sandbox, []);
    await sandbox.advance(60_000);
    expect((await sandbox.get(Pods, 'web')).metadata.deletionTimestamp).toBeUndefined();
    expect(await told(sandbox)).toEqual([['Cancelling deletion of Pod default/web', undefined]]);
  });
});
