import { describe, expect, it } from 'vitest';
import type { Pod, Service } from '#common/kube/types';
import { choosePod, forwardUrl, podPort, servicePort } from './target';

const metadata = { name: 'web', namespace: 'shop', uid: 'u', resourceVersion: '1', creationTimestamp: '' };

function pod(name: string, isReady: boolean, over: Partial<Pod['metadata']> = {}): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { ...metadata, name, ...over },
    spec: { containers: [{ name: 'app', ports: [{ name: 'http', containerPort: 8080 }] }] },
    status: { phase: 'Running', conditions: [{ type: 'Ready', status: isReady ? 'True' : 'False' }] },
  };
}

const service: Service = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata,
  spec: {
    ports: [
      { name: 'http', port: 80, targetPort: 'http', protocol: 'TCP' },
      { name: 'secure', port: 443, targetPort: 8443, protocol: 'TCP', appProtocol: 'https' },
      { name: 'dns', port: 53, protocol: 'UDP' },
      { port: 9090 },
    ],
  },
};

describe('servicePort', () => {
  it.each<[number | string, object]>([
    [80, { port: 'http', hint: 'http' }],
    ['http', { port: 'http', hint: 'http' }],
    ['443', { port: 8443, hint: 'https' }],
    [9090, { port: 9090, hint: '' }],
  ])('%s', (port, expected) => {
    expect(servicePort(service, port)).toEqual(expected);
  });

  it('says which ports there are when the wanted one is not', () => {
    expect(() => servicePort(service, 'grpc')).toThrow(
      expect.objectContaining({ code: 'port-unknown', nextStep: 'It has http, secure, dns, 9090.' }),
    );
    expect(() => servicePort(service, 53)).toThrow(expect.objectContaining({ code: 'port-not-tcp' }));
  });
});

describe('podPort', () => {
  it.each<[number | string, number | undefined]>([
    [81, 81],
    ['81', 81],
    ['http', 8080],
    ['grpc', undefined],
  ])('%s', (port, expected) => {
    expect(podPort(pod('a', true), port)).toBe(expected);
  });
});

describe('choosePod', () => {
  const deleting = { deletionTimestamp: '2026-01-01T00:00:00Z' };
  it.each<[string, Pod[], string | undefined, string | undefined]>([
    ['the first ready one by name', [pod('c', true), pod('b', true), pod('a', false)], undefined, 'b'],
    ['the one that answered before', [pod('b', true), pod('c', true)], 'c', 'c'],
    ['another when that is not ready any more', [pod('b', true), pod('c', false)], 'c', 'b'],
    ['another when that is being deleted', [pod('b', true), pod('c', true, deleting)], 'c', 'b'],
    ['none', [pod('a', false)], 'a', undefined],
  ])('%s', (_case, pods, current, expected) => {
    expect(choosePod(pods, current)?.metadata.name).toBe(expected);
  });
});

describe('forwardUrl', () => {
  it.each<[number | string, string, number, string]>([
    [80, '', 80, 'http://127.0.0.1:5000'],
    [443, '', 443, 'https://127.0.0.1:5000'],
    ['https', '', 9000, 'https://127.0.0.1:5000'],
    [80, 'https', 8080, 'https://127.0.0.1:5000'],
    ['web', 'web', 8443, 'https://127.0.0.1:5000'],
  ])('%s %s %i', (port, hint, target, url) => {
    expect(forwardUrl({ port }, hint, { target, port: 5000 })).toBe(url);
  });
});
