import { Nodes } from '#common/kube/resources';
import { unforeseen } from '#common/kube/status-error';
import type { Node, Pod } from '#common/kube/types';
import type { NodeApi, PodRef } from '#main/base/node-api';
import { accessForbidden } from '#main/sandbox/authz/forbidden';
import { badRequest, notFound } from '#main/sandbox/registry/status-errors';
import type { ResourceExchange } from '../exchange';
import { accessOf } from '../filters/authorize';

export const KUBELET_PORT = 10_250;

export interface PodOnNode {
  pod: Pod;
  ref: PodRef;
  node: NodeApi;
}

/** The Pod that a request names. Throws NotFound. */
export function podOf({ info, served }: ResourceExchange): Pod {
  return served.registry.get(info.namespace, info.name).object as unknown as Pod;
}

export function refOf({ metadata: { name, namespace = '', uid } }: Pod): PodRef {
  return { name, namespace, uid };
}

/** How the server reaches a kubelet: the address it would dial, and the kubelet, unless nobody answers there. */
export interface KubeletConnection {
  /** `172.18.0.2:10250` */
  address: string;
  node: NodeApi | undefined;
}

/** Throws NotFound in the name of the resource that was asked for, and 500 for a Node without addresses. */
export function kubeletOf({ server, info }: ResourceExchange, nodeName: string): KubeletConnection {
  const object = server.catalogue.registry(Nodes).collection.get(nodeName)?.object as unknown as Node | undefined;
  if (!object) throw notFound({ group: '', plural: info.plural }, nodeName);
  const node = server.nodes(nodeName);
  const { addresses = [] } = object.status ?? {};
  const preferred = addresses.find(({ type }) => type === 'InternalIP') ?? addresses[0];
  if (!preferred && !node) throw unforeseen('no preferred addresses found; known addresses: []');
  return { address: `${preferred?.address ?? nodeName}:${KUBELET_PORT}`, node };
}

/** The Pod with the kubelet it runs on, to go on with a stream. Throws BadRequest while it has none. */
export function podOnNode(exchange: ResourceExchange, pod: Pod): PodOnNode {
  const { nodeName } = pod.spec;
  if (!nodeName) throw badRequest(`pod ${pod.metadata.name} does not have a host assigned`);
  const { address, node } = kubeletOf(exchange, nodeName);
  if (!node) throw unforeseen(`error dialing backend: ${refused(address)}`);
  return { pod, node, ref: refOf(pod) };
}

export const refused = (address: string): string => `dial tcp ${address}: connect: connection refused`;

/** The container of the query, or the only one there is. Throws BadRequest when that is not clear. */
export function containerOf({ metadata, spec }: Pod, asked: string | null): string {
  const { initContainers = [], containers, ephemeralContainers = [] } = spec;
  const names = [...initContainers, ...containers, ...ephemeralContainers].map(({ name }) => name);
  if (asked) {
    if (names.includes(asked)) return asked;
    throw badRequest(`container ${asked} is not valid for pod ${metadata.name}`);
  }
  const [only] = containers;
  if (only && containers.length === 1) return only.name;
  throw badRequest(`a container name must be specified for pod ${metadata.name}, choose one of: [${names.join(' ')}]`);
}

/** Who opens a stream by GET, as WebSockets do, must be allowed to create it. Throws Forbidden. */
export function mustBeAllowedToCreate(exchange: ResourceExchange): void {
  const attributes = accessOf(exchange);
  if (attributes.verb === 'create') return;
  const wanted = { ...attributes, verb: 'create' };
  const { allowed, reason } = exchange.server.authorizer.authorize(wanted);
  if (!allowed) throw accessForbidden(wanted, reason);
}
