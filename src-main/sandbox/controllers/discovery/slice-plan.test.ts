import { describe, expect, it } from 'vitest';
import type { EndpointSlice } from '#common/kube/types';
import { planSlices } from './slice-plan';

const http = [{ name: '', port: 80, protocol: 'TCP' }];
const other = [{ name: '', port: 81, protocol: 'TCP' }];
const endpoints = (...addresses: string[]) => addresses.map((ip) => ({ addresses: [ip] }));
const many = (prefix: string, count: number) =>
  endpoints(...Array.from({ length: count }, (_, at) => `${prefix}.${at}`));

function slice(name: string, own: EndpointSlice['endpoints'] = [], ports = http): EndpointSlice {
  const metadata = { name, uid: name, resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' };
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata,
    addressType: 'IPv4',
    endpoints: own,
    ports,
  };
}

function laid(current: EndpointSlice[], wanted: Parameters<typeof planSlices>[1]) {
  const { layouts, remove } = planSlices(current, wanted);
  return {
    layouts: layouts.map((one) => [one.slice?.metadata.name, one.endpoints.length]),
    remove: remove.map(({ metadata }) => metadata.name),
  };
}

describe('planSlices', () => {
  it('leaves slices alone that say what is wanted', () => {
    const current = [slice('a', endpoints('1', '2'))];
    expect(laid(current, [{ ports: http, endpoints: endpoints('2', '1') }])).toEqual({
      layouts: [['a', 2]],
      remove: [],
    });
  });

  it('puts at most a hundred endpoints into a slice', () => {
    expect(laid([], [{ ports: http, endpoints: many('1', 250) }]).layouts).toEqual([
      [undefined, 100],
      [undefined, 100],
      [undefined, 50],
    ]);
  });

  it('fills slices that change anyway before it touches others', () => {
    const current = [slice('full', many('1', 90)), slice('half', many('2', 50))];
    const wanted = [...many('1', 90), ...many('2', 49), ...endpoints('new')];
    expect(laid(current, [{ ports: http, endpoints: wanted }])).toEqual({
      layouts: [
        ['full', 90],
        ['half', 50],
      ],
      remove: [],
    });
  });

  it('takes the unchanged slice with the least room that is enough', () => {
    const current = [slice('little', many('1', 99)), slice('enough', many('2', 95)), slice('much', many('3', 10))];
    const wanted = [...many('1', 99), ...many('2', 95), ...many('3', 10), ...many('4', 5)];
    expect(laid(current, [{ ports: http, endpoints: wanted }]).layouts).toEqual([
      ['little', 99],
      ['enough', 100],
      ['much', 10],
    ]);
  });

  it('uses slices that are left over for new ones', () => {
    const current = [slice('old', endpoints('1')), slice('surplus', endpoints('2'))];
    expect(laid(current, [{ ports: other, endpoints: endpoints('1') }])).toEqual({
      layouts: [['old', 1]],
      remove: ['surplus'],
    });
  });

  it('keeps one empty slice when nothing is left', () => {
    expect(laid([slice('a', endpoints('1'))], [])).toEqual({ layouts: [['a', 0]], remove: [] });
    expect(laid([slice('empty', [], []), slice('a', endpoints('1'))], [])).toEqual({
      layouts: [['empty', 0]],
      remove: ['a'],
    });
  });
});
