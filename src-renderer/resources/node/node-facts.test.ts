import { expect, it } from 'vitest';
import type { Node } from '#common/kube/types';
import { capacityOf, taintsOf } from './node-facts';

it('lists what a node has, the common resources first and empty ones left out', () => {
  const node = {
    status: {
      capacity: { 'hugepages-2Mi': '0', pods: '110', 'example.com/gpu': '2', memory: '16393244Ki', cpu: '4' },
      allocatable: { cpu: '3920m', memory: '15Gi', pods: '110', 'example.com/gpu': '2' },
    },
  } as unknown as Node;
  expect(capacityOf(node)).toEqual([
    { resource: 'cpu', allocatable: '3.92', capacity: '4' },
    { resource: 'memory', allocatable: '15 GiB', capacity: '15.6 GiB' },
    { resource: 'pods', allocatable: '110', capacity: '110' },
    { resource: 'example.com/gpu', allocatable: '2', capacity: '2' },
  ]);
});

it('writes taints as kubectl does', () => {
  const taints = [
    { key: 'dedicated', value: 'gpu', effect: 'NoSchedule' },
    { key: 'node.kubernetes.io/unreachable', effect: 'NoExecute' },
  ];
  expect(taintsOf({ spec: { taints } } as unknown as Node)).toEqual([
    'dedicated=gpu:NoSchedule',
    'node.kubernetes.io/unreachable:NoExecute',
  ]);
});
