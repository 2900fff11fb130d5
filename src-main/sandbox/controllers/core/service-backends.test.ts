import { describe, expect, it } from 'vitest';
import type { EndpointSubset, Node, Pod, Service } from '#common/kube/types';
import { backendsOf, endpointGroups, familiesOf, subsetsOf, targetPortOf, withinCapacity } from './service-backends';

const metadata = (name: string) => ({
  name,
  namespace: 'default',
  uid: name,
  resourceVersion: '1',
  creationTimestamp: '2026-01-01T00:00:00Z',
});

interface PodFacts {
  ready?: boolean;
  deleted?: boolean;
  phase?: string;
  port?: number;
}

function pod(name: string, { ready = true, deleted = false, phase = 'Running', port = 8080 }: PodFacts = {}): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      ...metadata(name),
      labels: { app: 'web' },
      ...(deleted ? { deletionTimestamp: '2026-01-01T00:00:00Z' } : {}),
    },
    spec: { nodeName: 'node-1', containers: [{ name: 'main', ports: [{ name: 'http', containerPort: port }] }] },
    status: {
      phase,
      podIP: `10.244.0.${name.length}`,
      conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }],
    },
  };
}

function service(spec: Partial<Service['spec']> = {}): Service {
  const ports = [{ name: 'http', port: 80, protocol: 'TCP', targetPort: 'http' }];
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: metadata('web'),
    spec: { selector: { app: 'web' }, ports, ...spec },
  };
}

describe('backendsOf', () => {
  it('takes selected Pods that have an address and are not finished', () => {
    const other = { ...pod('other'), metadata: { ...metadata('other'), labels: { app: 'db' } } };
    const waiting = { ...pod('waiting'), status: { phase: 'Pending' } };
    const pods = [pod('a'), other, waiting, pod('done', { phase: 'Succeeded' })];
    expect(backendsOf(service(), pods).map((one) => one.metadata.name)).toEqual(['a']);
  });
});

describe('targetPortOf', () => {
  it.each([
    { case: 'the same when none is given', targetPort: undefined, expected: 80 },
    { case: 'a number', targetPort: 9000, expected: 9000 },
    { case: 'a name', targetPort: 'http', expected: 8080 },
    { case: 'a name nobody has', targetPort: 'grpc', expected: undefined },
  ])('$case', ({ targetPort, expected }) => {
    expect(targetPortOf({ port: 80, ...(targetPort === undefined ? {} : { targetPort }) }, pod('a'))).toBe(expected);
  });
});

describe('subsetsOf', () => {
  it('keeps ready and unready addresses apart, and those on their way out away', () => {
    const pods = [pod('a'), pod('bb', { ready: false }), pod('ccc', { deleted: true })];
    const targetRef = (name: string) => ({ kind: 'Pod', namespace: 'default', name, uid: name });
    expect(subsetsOf(service(), pods)).toEqual([
      {
        addresses: [{ ip: '10.244.0.1', nodeName: 'node-1', targetRef: targetRef('a') }],
        notReadyAddresses: [{ ip: '10.244.0.2', nodeName: 'node-1', targetRef: targetRef('bb') }],
        ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
      },
    ]);
  });

  it('groups Pods by the ports they serve', () => {
    const subsets = subsetsOf(service(), [pod('a'), pod('bb', { port: 9090 })]);
    expect(subsets.map(({ ports }) => ports?.[0]?.port)).toEqual([8080, 9090]);
  });
});

describe('endpointGroups', () => {
  const node = (name: string, zone?: string): Node => ({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { ...metadata(name), ...(zone ? { labels: { 'topology.kubernetes.io/zone': zone } } : {}) },
    spec: {},
  });
  const groupsOf = (pods: Pod[], spec: Partial<Service['spec']> = {}, found: Node | undefined = node('node-1')) =>
    endpointGroups(service(spec), pods, { family: 'IPv4', nodeOf: () => found });

  it.each([
    { case: 'ready', facts: {}, spec: {}, expected: { ready: true, serving: true, terminating: false } },
    {
      case: 'unready',
      facts: { ready: false },
      spec: {},
      expected: { ready: false, serving: false, terminating: false },
    },
    {
      case: 'leaving',
      facts: { deleted: true },
      spec: {},
      expected: { ready: false, serving: true, terminating: true },
    },
    {
      case: 'published unready',
      facts: { ready: false },
      spec: { publishNotReadyAddresses: true },
      expected: { ready: true, serving: false, terminating: false },
    },
  ])('$case', ({ facts, spec, expected }) => {
    expect(groupsOf([pod('a', facts)], spec)[0]?.endpoints[0]?.conditions).toEqual(expected);
  });

  it('names the zone of the node, and leaves out Pods of nodes that are gone', () => {
    expect(groupsOf([pod('a')], {}, node('node-1', 'z'))[0]?.endpoints[0]?.zone).toBe('z');
    const gone = endpointGroups(service(), [pod('a')], { family: 'IPv4', nodeOf: () => undefined });
    expect(gone[0]?.endpoints).toEqual([]);
  });

  it('takes the addresses of its family', () => {
    const dual = pod('a');
    dual.status!.podIPs = [{ ip: '10.244.0.1' }, { ip: 'fd00::1' }];
    const families = familiesOf(service({ ipFamilies: ['IPv4', 'IPv6'] }));
    const addresses = families.map(
      (family) =>
        endpointGroups(service(), [dual], { family, nodeOf: () => node('node-1') })[0]?.endpoints[0]?.addresses,
    );
    expect(addresses).toEqual([['10.244.0.1'], ['fd00::1']]);
  });
});

describe('withinCapacity', () => {
  const addresses = (count: number) =>
    Array.from({ length: count }, (_, at) => ({ ip: `10.0.${at >> 8}.${at & 255}` }));
  const sizes = (subsets: EndpointSubset[]) =>
    subsets.map((one) => [one.addresses?.length ?? 0, one.notReadyAddresses?.length ?? 0]);

  it.each([
    {
      case: 'enough room',
      subsets: [{ addresses: addresses(600), notReadyAddresses: addresses(400) }],
      left: [[600, 400]],
      cut: false,
    },
    {
      case: 'unready ones are cut first',
      subsets: [{ addresses: addresses(900), notReadyAddresses: addresses(200) }],
      left: [[900, 100]],
      cut: true,
    },
    {
      case: 'each subset keeps its share',
      subsets: [{ addresses: addresses(1500) }, { addresses: addresses(500), notReadyAddresses: addresses(5) }],
      left: [
        [750, 0],
        [250, 0],
      ],
      cut: true,
    },
  ])('$case', ({ subsets, left, cut }) => {
    const result = withinCapacity(subsets);
    expect([sizes(result.subsets), result.isCut]).toEqual([left, cut]);
  });
});
