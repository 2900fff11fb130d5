/** In which order the ports of Endpoints and of their slices are written: by the hashes of Go's pictures of them. */
import type { DiscoveryV1EndpointPort, EndpointPort } from '#common/kube/types';

export function inEndpointsOrder(ports: readonly EndpointPort[]): EndpointPort[] {
  return byHash(ports, ({ name = '', port, protocol = '', appProtocol }) => [
    `Name:(string)${name}`,
    `Port:(int32)${port}`,
    `Protocol:(v1.Protocol)${protocol}`,
    `AppProtocol:(*string)${appProtocol ?? NOTHING}`,
  ]);
}

export function inSliceOrder(ports: readonly DiscoveryV1EndpointPort[]): DiscoveryV1EndpointPort[] {
  return byHash(ports, ({ name, port, protocol, appProtocol }) => [
    `Name:(*string)${name ?? NOTHING}`,
    `Protocol:(*v1.Protocol)${protocol ?? NOTHING}`,
    `Port:(*int32)${port ?? NOTHING}`,
    `AppProtocol:(*string)${appProtocol ?? NOTHING}`,
  ]);
}

const NOTHING = '<nil>';

function byHash<T>(ports: readonly T[], fieldsOf: (port: T) => string[]): T[] {
  if (ports.length < 2) return [...ports];
  const hashed = ports.map((port) => ({ port, hash: fnv128a(`(v1.EndpointPort){${fieldsOf(port).join(' ')}}`) }));
  return hashed
    .sort((left, right) => (left.hash < right.hash ? -1 : left.hash > right.hash ? 1 : 0))
    .map(({ port }) => port);
}

const OFFSET = 0x6c62272e07bb014262b821756295c58dn;
const PRIME = 0x1000000000000000000013bn;

/** Fowler–Noll–Vo 1a, 128 bits. */
export function fnv128a(text: string): bigint {
  let hash = OFFSET;
  for (const byte of Buffer.from(text)) hash = BigInt.asUintN(128, (hash ^ BigInt(byte)) * PRIME);
  return hash;
}
