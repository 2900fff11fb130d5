import { describe, expect, it } from 'vitest';
import { nodeLease } from '#common/kinds/node-lease';
import { Leases, Nodes, Pods } from '#common/kube/resources';
import type { Node, Taint } from '#common/kube/types';
import { TestSandbox } from '#test/harness/test-sandbox';
import { nodeLifecycleController } from './node-lifecycle';
import { taintsOf, type Driving } from './node-taints';
import { evictionRate, zoneState } from './node-zones';

const NOW = Date.UTC(2026, 0, 1);
const timeAdded = '2026-01-01T00:00:00Z';

function node(conditions: [type: string, status: string][], spec: Node['spec'] = {}): Node {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: 'node-1', uid: '1', resourceVersion: '1', creationTimestamp: '' },
    spec,
    status: { conditions: conditions.map(([type, status]) => ({ type, status })) },
  };
}

const taint = (name: string, effect: string, added: string | undefined = timeAdded): Taint => ({
  key: `node.kubernetes.io/${name}`,
  effect,
  ...(added ? { timeAdded: added } : {}),
});

describe('taintsOf', () => {
  const early = '2025-12-31T00:00:00Z';

  it.each([
    { case: 'ready', node: node([['Ready', 'True']], { taints: [taint('not-ready', 'NoSchedule')] }), taints: [] },
    {
      case: 'not ready',
      node: node([['Ready', 'False']]),
      taints: [taint('not-ready', 'NoSchedule'), taint('not-ready', 'NoExecute')],
    },
    {
      case: 'lost',
      node: node([['Ready', 'Unknown']], { taints: [taint('unreachable', 'NoExecute', early)] }),
      taints: [taint('unreachable', 'NoExecute', early), taint('unreachable', 'NoSchedule')],
    },
    {
      case: 'not ready any more, then lost',
      node: node([['Ready', 'Unknown']], { taints: [taint('not-ready', 'NoExecute', early)] }),
      driving: 'wait',
      taints: [taint('unreachable', 'NoSchedule'), taint('unreachable', 'NoExecute')],
    },
    {
      case: 'lost, without leave to drive',
      node: node([['Ready', 'Unknown']]),
      driving: 'wait',
      taints: [taint('unreachable', 'NoSchedule')],
    },
    {
      case: 'lost like all others',
      node: node([['Ready', 'Unknown']], { taints: [taint('unreachable', 'NoExecute', early)] }),
      driving: 'spare',
      taints: [taint('unreachable', 'NoSchedule')],
    },
    {
      case: 'cordoned, with a taint of its own',
      node: node([['Ready', 'True']], {
        unschedulable: true,
        taints: [{ key: 'team', value: 'a', effect: 'NoSchedule' }],
      }),
      taints: [{ key: 'team', value: 'a', effect: 'NoSchedule' }, taint('unschedulable', 'NoSchedule')],
    },
    {
      case: 'silent so far',
      node: node([], { taints: [{ key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' }] }),
      taints: [{ key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' }],
    },
  ])('$case', ({ node: given, driving = 'drive', taints }) => {
    expect(taintsOf(given, driving as Driving, NOW)).toEqual(taints);
  });
});

describe('zones', () => {
  it.each([
    { ready: 3, unready: 0, state: 'Normal', rate: 0.1 },
    { ready: 1, unready: 2, state: 'Normal', rate: 0.1 },
    { ready: 2, unready: 3, state: 'PartialDisruption', rate: 0 },
    { ready: 20, unready: 40, state: 'PartialDisruption', rate: 0.01 },
    { ready: 0, unready: 1, state: 'FullDisruption', rate: 0.1 },
  ])('$ready ready, $unready not: $state', ({ ready, unready, state, rate }) => {
    expect([zoneState({ ready, unready }), evictionRate({ ready, unready })]).toEqual([state, rate]);
  });
});

describe('node lifecycle controller', () => {
  async function open(names: readonly string[]) {
    const sandbox = await TestSandbox.open({ controllers: [nodeLifecycleController()] });
    await sandbox.namespace('kube-node-lease');
    for (const name of names) {
      const made = await sandbox.node(name);
      await sandbox.client.create(Leases, nodeLease(made, sandbox.clock.now(), 'continuously'));
    }
    await sandbox.settle();
    return sandbox;
  }

  async function silence(sandbox: TestSandbox, name: string) {
    const lease = await sandbox.get(Leases, name, 'kube-node-lease');
    const { metadata, spec } = nodeLease(await sandbox.get(Nodes, name), sandbox.clock.now(), 'no longer');
    const next = { ...lease.metadata, ...metadata, annotations: {} };
    await sandbox.client.update(Leases, { ...lease, metadata: next, spec });
  }

  async function ready(sandbox: TestSandbox, name: string) {
    const found = await sandbox.get(Nodes, name);
    const now = new Date(sandbox.clock.now()).toISOString().replace(/\.\d+/, '');
    const condition = {
      type: 'Ready',
      status: 'True',
      reason: 'KubeletReady',
      message: 'kubelet is posting ready status',
    };
    const conditions = [{ ...condition, lastHeartbeatTime: now, lastTransitionTime: now }];
    await sandbox.client.updateStatus(Nodes, { ...found, status: { ...found.status, conditions } });
  }

  const taintsAt = async (sandbox: TestSandbox, name: string) =>
    ((await sandbox.get(Nodes, name)).spec.taints ?? []).map(({ key, effect }) => `${key.split('/')[1]}:${effect}`);

  it('loses a Node whose kubelet keeps silent for fifty seconds', async () => {
    await using sandbox = await open(['a', 'b']);
    const pod = await sandbox.create(Pods, {
      metadata: { name: 'web' },
      spec: { nodeName: 'a', containers: [{ name: 'web', image: 'nginx' }] },
    });
    await sandbox.run(pod);
    await sandbox.advance(3_600_000);
    expect(await taintsAt(sandbox, 'a')).toEqual([]);
    await silence(sandbox, 'a');
    await sandbox.advance(49_000);
    expect(await taintsAt(sandbox, 'a')).toEqual([]);
    await sandbox.advance(2000);
    const lost = await sandbox.get(Nodes, 'a');
    expect(lost.status?.conditions?.map(({ type, status, reason }) => `${type} ${status} ${reason}`)).toEqual([
      'Ready Unknown NodeStatusUnknown',
      'MemoryPressure Unknown NodeStatusNeverUpdated',
      'DiskPressure Unknown NodeStatusNeverUpdated',
      'PIDPressure Unknown NodeStatusNeverUpdated',
    ]);
    expect(await taintsAt(sandbox, 'a')).toEqual(['unreachable:NoSchedule', 'unreachable:NoExecute']);
    expect((await sandbox.get(Pods, 'web')).status?.conditions).toContainEqual(
      expect.objectContaining({ type: 'Ready', status: 'False' }),
    );
    expect(await sandbox.eventsAbout(pod)).toEqual(['NodeNotReady: Node is not ready']);
    expect(await sandbox.eventsAbout(lost)).toEqual([
      'RegisteredNode: Node a event: Registered Node a in Controller',
      'NodeNotReady: Node a status is now: NodeNotReady',
    ]);
    await ready(sandbox, 'a');
    await sandbox.settle();
    expect(await taintsAt(sandbox, 'a')).toEqual([]);
    expect(sandbox.reports).toEqual([]);
  });

  it('loses a Node that never said a word after a minute', async () => {
    await using sandbox = await open(['a']);
    await sandbox.client.create(Nodes, { metadata: { name: 'mute' }, spec: {} });
    await sandbox.advance(59_000);
    expect((await sandbox.get(Nodes, 'mute')).status?.conditions ?? []).toEqual([]);
    await sandbox.advance(2000);
    const [first] = (await sandbox.get(Nodes, 'mute')).status?.conditions ?? [];
    expect(first).toMatchObject({ status: 'Unknown', message: 'Kubelet never posted node status.' });
  });

  it('drives Pods from one lost Node in ten seconds, and from none when all are lost', async () => {
    await using sandbox = await open(['a', 'b', 'c']);
    await silence(sandbox, 'a');
    await silence(sandbox, 'b');
    await sandbox.advance(52_000);
    const driven = async () =>
      (await Promise.all(['a', 'b', 'c'].map((name) => taintsAt(sandbox, name)))).map((all) =>
        all.includes('unreachable:NoExecute'),
      );
    expect((await driven()).filter(Boolean)).toHaveLength(1);
    await sandbox.advance(10_000);
    expect(await driven()).toEqual([true, true, false]);
    await silence(sandbox, 'c');
    await sandbox.advance(52_000);
    expect(await driven()).toEqual([false, false, false]);
    expect(await taintsAt(sandbox, 'c')).toEqual(['unreachable:NoSchedule']);
    await ready(sandbox, 'a');
    await sandbox.advance(30_000);
    expect(await driven()).toEqual([false, true, true]);
  });

  it('says that a Node has gone', async () => {
    await using sandbox = await open(['a', 'b']);
    const gone = await sandbox.get(Nodes, 'b');
    await sandbox.client.remove(Nodes, { name: 'b' });
    await sandbox.settle();
    expect(await sandbox.eventsAbout(gone)).toContain('RemovingNode: Node b event: Removing Node b from Controller');
  });
});
