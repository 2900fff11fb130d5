/** Which server a proxied request is for: how names, schemes and ports in the path are read. */
import { isIPv4 } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import { Problem } from '#common/base/errors';
import { Endpoints, Pods, Services } from '#common/kube/resources';
import { failure, type ApiStatusError } from '#common/kube/status-error';
import type { Endpoints as EndpointsObject, Pod, Service } from '#common/kube/types';
import type { ServerParts } from '../exchange';
import { badRequest, notFound } from '#main/sandbox/registry/status-errors';
import type { ResourceExchange } from '../exchange';
import { KUBELET_PORT, kubeletOf, podOf, refOf, refused } from './pod-on-node';

/** Where the request goes. */
export interface ProxyTarget {
  /** `10.244.1.4:8080`, as errors name it. */
  address: string;
  /** Rejects with words like Go's net package has them. */
  dial(signal: AbortSignal): Promise<Duplex>;
}

/** `https:web:8080`: an optional scheme, a name, an optional port. */
interface Asked {
  scheme: string;
  name: string;
  port: string;
}

/** Throws BadRequest: `invalid pod request "a:b:c:d"`. */
function askedOf(id: string, kind: 'pod' | 'service' | 'node'): Asked {
  const parts = id.split(':');
  const [scheme = '', name = '', port = ''] = parts.length < 3 ? ['', ...parts] : parts;
  if (parts.length <= 3 && name !== '' && ['', 'http', 'https'].includes(scheme)) return { scheme, name, port };
  throw badRequest(`invalid ${kind} request ${JSON.stringify(id)}`);
}

export function podTarget(exchange: ResourceExchange): ProxyTarget {
  const { scheme, name, port } = askedOf(exchange.info.name, 'pod');
  const pod = podOf({ ...exchange, info: { ...exchange.info, name } });
  const first = pod.spec.containers.find(({ ports = [] }) => ports.length > 0)?.ports?.[0]?.containerPort;
  return podPort(exchange, pod, { scheme, port: port || String(first ?? defaultPort(scheme)) });
}

/** A ready address of the Service that is a Pod, by the name of the port: a number stands for the name it has. */
export function serviceTarget(exchange: ResourceExchange): ProxyTarget {
  const { server, info } = exchange;
  const { scheme, name, port } = askedOf(info.name, 'service');
  const key = `${info.namespace}/${name}`;
  const portName = /^-?\d+$/.test(port) ? nameOfPort(server, { key, name, port: Number(port) }) : port;
  const endpoints = stored<EndpointsObject>(server, Endpoints, key);
  if (!endpoints) throw notFound(Services, name);
  const { subsets = [] } = endpoints;
  if (subsets.length === 0) throw unavailable(`no endpoints available for service ${JSON.stringify(name)}`);
  for (const { addresses = [], ports = [] } of subsets) {
    const found = ports.find((one) => (one.name ?? '') === portName);
    if (!found) continue;
    for (const { targetRef, ip } of addresses) {
      if (targetRef?.kind !== 'Pod') continue;
      const pod = stored<Pod>(server, Pods, `${targetRef.namespace ?? info.namespace}/${targetRef.name}`);
      if (pod?.status?.podIP === ip) return podPort(exchange, pod, { scheme, port: String(found.port) });
    }
  }
  throw unavailable(`no endpoints available for service ${JSON.stringify(info.name)}`);
}

function nameOfPort(server: ServerParts, { key, name, port }: { key: string; name: string; port: number }): string {
  const service = stored<Service>(server, Services, key);
  if (!service) throw notFound(Services, name);
  const found = service.spec.ports?.find((one) => one.port === port);
  if (!found) throw unavailable(`no service port ${port} found for service ${JSON.stringify(name)}`);
  return found.name ?? '';
}

/** Undefined for the kubelet itself; else a port that a Pod opens on the node's own network. */
export function nodeTarget(exchange: ResourceExchange): { nodeName: string; target: ProxyTarget | undefined } {
  const { scheme, name, port } = askedOf(exchange.info.name, 'node');
  const { address } = kubeletOf(exchange, name);
  if (port === '' || Number(port) === KUBELET_PORT) return { nodeName: name, target: undefined };
  const host = address.slice(0, address.lastIndexOf(':'));
  const number = portNumber(port);
  return { nodeName: name, target: withScheme({ address: `${host}:${port}`, dial: dialNode }, scheme) };

  async function dialNode(signal: AbortSignal): Promise<Duplex> {
    const kubelet = exchange.server.nodes(name);
    const onNode = exchange.server.catalogue.registry(Pods).collection.list();
    for (const { object } of kubelet ? onNode : []) {
      const pod = object as unknown as Pod;
      if (pod.spec.nodeName !== name || !pod.spec.hostNetwork) continue;
      const connection = await kubelet?.dial(refOf(pod), number, signal).catch(refusalAsNothing);
      if (connection) return connection;
    }
    throw new Error(refused(`${host}:${port}`));
  }
}

function podPort(
  exchange: ResourceExchange,
  pod: Pod,
  { scheme, port }: { scheme: string; port: string },
): ProxyTarget {
  const ip = pod.status?.podIP ?? '';
  if (!isIPv4(ip) || /^(?:127|0)\./.test(ip)) throw badRequest('address not allowed');
  const number = portNumber(port);
  const address = `${ip}:${number}`;
  const node = exchange.server.nodes(pod.spec.nodeName ?? '');
  const dial = async (signal: AbortSignal): Promise<Duplex> => {
    if (!node) throw new Error(`dial tcp ${address}: connect: no route to host`);
    const connection = await node.dial(refOf(pod), number, signal).catch(refusalAsNothing);
    if (!connection) throw new Error(refused(address));
    return connection;
  };
  return withScheme({ address, dial }, scheme);
}

/** Nobody listens there: for a proxy that is all, whatever a kubelet says of it. */
function refusalAsNothing(problem: unknown): undefined {
  if (problem instanceof Problem && problem.code === 'connection-refused') return undefined;
  throw problem;
}

const defaultPort = (scheme: string): number => (scheme === 'https' ? 443 : 80);

/** Names are those of /etc/services, not those of the Pod. Throws 503 as a failed dial does. */
function portNumber(port: string): number {
  if (/^\d+$/.test(port)) return Number(port);
  const known = { http: 80, https: 443 }[port];
  if (known) return known;
  throw unreachable(`dial tcp: lookup tcp/${port}: unknown port`);
}

/** Certificates of proxied servers are not checked. */
function withScheme(target: ProxyTarget, scheme: string): ProxyTarget {
  if (scheme !== 'https') return target;
  const dial = async (signal: AbortSignal): Promise<Duplex> => {
    const socket = await target.dial(signal);
    const secure = connectTls({ socket, rejectUnauthorized: false });
    return new Promise((resolve, reject) => {
      secure.once('secureConnect', () => resolve(secure));
      secure.once('error', reject);
    });
  };
  return { ...target, dial };
}

function stored<T>(server: ServerParts, resource: Parameters<ServerParts['catalogue']['registry']>[0], key: string) {
  return server.catalogue.registry(resource).collection.get(key)?.object as unknown as T | undefined;
}

export function unreachable(words: string): ApiStatusError {
  return unavailable(`error trying to reach service: ${words}`);
}

function unavailable(text: string): ApiStatusError {
  return failure(503, 'ServiceUnavailable', text);
}
