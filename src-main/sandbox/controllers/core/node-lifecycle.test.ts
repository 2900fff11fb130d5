import { describe, expect, it } from 'vitest';
import type { Node } from '#common/kube/types';
import { taintsOf } from './node-lifecycle';

const NOW = Date.UTC(2026, 0, 1);

function node(conditions: [type: string, status: string][], spec: Node['spec'] = {}): Node {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: 'node-1', uid: '1', resourceVersion: '1', creationTimestamp: '' },
    spec,
    status: { conditions: conditions.map(([type, status]) => ({ type, status })) },
  };
}

const notReady = { key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' };

describe('taintsOf', () => {
  it.each([
    { case: 'ready', node: node([['Ready', 'True']], { taints: [notReady] }), taints: [] },
    {
      case: 'not ready',
      node: node([['Ready', 'False']]),
      taints: [notReady, { ...notReady, effect: 'NoExecute', timeAdded: '2026-01-01T00:00:00Z' }],
    },
    {
      case: 'lost',
      node: node([['Ready', 'Unknown']], {
        taints: [{ key: 'node.kubernetes.io/unreachable', effect: 'NoExecute', timeAdded: 'before' }],
      }),
      taints: [
        { key: 'node.kubernetes.io/unreachable', effect: 'NoExecute', timeAdded: 'before' },
        { key: 'node.kubernetes.io/unreachable', effect: 'NoSchedule' },
      ],
    },
    {
      case: 'cordoned, with a taint of its own',
      node: node([['Ready', 'True']], {
        unschedulable: true,
        taints: [{ key: 'team', value: 'a', effect: 'NoSchedule' }],
      }),
      taints: [
        { key: 'team', value: 'a', effect: 'NoSchedule' },
        { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' },
      ],
    },
    { case: 'silent so far', node: node([], { taints: [notReady] }), taints: [notReady] },
  ])('$case', ({ node: given, taints }) => {
    expect(taintsOf(given, NOW)).toEqual(taints);
  });
});
