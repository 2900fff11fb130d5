import { describe, expect, it } from 'vitest';
import type { Endpoint, Node, Service } from '#common/kube/types';
import { hintMode, withHints, zoneShares } from './topology-hints';

const metadata = { name: 'a', uid: 'a', resourceVersion: '1', creationTimestamp: '' };

function node(zone: string, cpu: string, status = 'True'): Node {
  const labels = zone ? { 'topology.kubernetes.io/zone': zone } : {};
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { ...metadata, labels },
    spec: {},
    status: { allocatable: { cpu }, conditions: [{ type: 'Ready', status }] },
  };
}

const endpoint = (zone: string, ready = true): Endpoint => ({ addresses: ['1'], conditions: { ready }, zone });
const zonesOf = ({ endpoints }: { endpoints: Endpoint[] }) =>
  endpoints.map(({ hints }) => hints?.forZones?.map(({ name }) => name).join());

describe('zoneShares', () => {
  it.each([
    {
      case: 'by processors',
      nodes: [node('a', '3'), node('b', '1')],
      shares: [
        ['a', 0.75],
        ['b', 0.25],
      ],
    },
    {
      case: 'without those that are not ready',
      nodes: [node('a', '1'), node('b', '1'), node('b', '9', 'False')],
      shares: [
        ['a', 0.5],
        ['b', 0.5],
      ],
    },
    { case: 'not when a node has no zone', nodes: [node('a', '1'), node('b', '1'), node('', '1')], shares: undefined },
    { case: 'not for one zone', nodes: [node('a', '1')], shares: undefined },
  ])('$case', ({ nodes, shares }) => {
    const found = zoneShares(nodes);
    expect(found && [...found]).toEqual(shares);
  });
});

describe('hintMode', () => {
  it.each([
    [undefined, undefined, 'none'],
    ['PreferClose', undefined, 'zone'],
    ['PreferSameZone', undefined, 'zone'],
    ['PreferSameNode', undefined, 'node'],
    ['PreferSameNode', 'Auto', 'auto'],
  ])('%s, %s: %s', (trafficDistribution, mode, expected) => {
    const annotations = mode ? { 'service.kubernetes.io/topology-mode': mode } : {};
    const spec = trafficDistribution ? { trafficDistribution } : {};
    const service = { apiVersion: 'v1', kind: 'Service', metadata: { ...metadata, annotations }, spec } as Service;
    expect(hintMode(service)).toBe(expected);
  });
});

describe('withHints', () => {
  const even = new Map([
    ['a', 0.5],
    ['b', 0.5],
  ]);

  it('lends endpoints to zones that have too few', () => {
    const zones = ['a', 'a', 'a', 'a', 'a', 'b'];
    const all = [...zones.map((zone) => endpoint(zone)), endpoint('b', false)];
    expect(zonesOf(withHints(all, 'auto', even))).toEqual(['b', 'b', 'a', 'a', 'a', 'b', undefined]);
  });

  it.each([
    {
      case: 'too few endpoints',
      endpoints: [endpoint('a')],
      problem: 'Insufficient number of endpoints (1 endpoints, 2 zones)',
    },
    {
      case: 'a zone that would bear too much',
      endpoints: [endpoint('a'), endpoint('b'), endpoint('b')],
      problem:
        'Unable to allocate minimum required endpoints to each zone without exceeding overload threshold (3 endpoints, 2 zones)',
    },
  ])('gives none for $case', ({ endpoints, problem }) => {
    const hinted = withHints(endpoints, 'auto', even);
    expect([hinted.problem, zonesOf(hinted).every((zone) => zone === undefined)]).toEqual([problem, true]);
  });
});
