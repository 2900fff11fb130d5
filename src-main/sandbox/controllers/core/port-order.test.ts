import { describe, expect, it } from 'vitest';
import { fnv128a, inEndpointsOrder, inSliceOrder } from './port-order';

const http = { name: 'http', port: 8080, protocol: 'TCP' };
const dns = { name: 'dns', port: 53, protocol: 'UDP', appProtocol: 'example.com/dns' };
const plain = { name: '', port: 80, protocol: '' };
const names = (ports: readonly { name?: string }[]) => ports.map(({ name }) => name);

describe('the order of ports', () => {
  // Hashes as Go's hash/fnv and apimachinery's dump make them.
  it('is that of the hashes in Endpoints', () => {
    const text =
      '(v1.EndpointPort){Name:(string)http Port:(int32)8080 Protocol:(v1.Protocol)TCP AppProtocol:(*string)<nil>}';
    expect(fnv128a(text).toString(16)).toBe('25304a33da9e6ece350a4142a45f5b75');
    expect(names(inEndpointsOrder([dns, plain, http]))).toEqual(['http', '', 'dns']);
  });

  it('is another one in slices', () => {
    expect(names(inSliceOrder([http, dns, { name: 'https', port: 8443, protocol: 'TCP' }]))).toEqual([
      'http',
      'https',
      'dns',
    ]);
  });
});
