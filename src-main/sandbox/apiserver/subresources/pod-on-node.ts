import type { NodeApi, PodRef } from '#main/base/node-api';
import type { Pod } from '#common/kube/types';
import { failure } from '#common/kube/status-error';
import { badRequest } from '#main/sandbox/registry/status-errors';
import type { ResourceExchange } from '../exchange';

export interface PodOnNode {
  pod: Pod;
  ref: PodRef;
  node: NodeApi;
}

/** The Pod that a request names. Throws NotFound. */
export function podOf({ info, served }: ResourceExchange): Pod {
  return served.registry.get(info.namespace, info.name).object as unknown as Pod;
}

/** The Pod with the kubelet it runs on. Throws BadRequest while it has none. */
export function podOnNode(exchange: ResourceExchange): PodOnNode {
  const pod = podOf(exchange);
  const { name, namespace = '', uid } = pod.metadata;
  const { nodeName } = pod.spec;
  if (!nodeName) throw badRequest(`pod ${name} does not have a host assigned`);
  const node = exchange.server.nodes(nodeName);
  if (!node) {
    throw failure(
      500,
      'InternalError',
      `Internal error occurred: error dialing backend: node ${nodeName} cannot be reached`,
      {
        causes: [{ message: `error dialing backend: node ${nodeName} cannot be reached` }],
      },
    );
  }
  return { pod, node, ref: { name, namespace, uid } };
}

/** The container of the query, or the only one there is. Throws BadRequest when that is not clear. */
export function containerOf({ metadata, spec }: Pod, asked: string | null): string {
  const containers = spec.containers.map(({ name }) => name);
  const others = [...(spec.initContainers ?? []), ...(spec.ephemeralContainers ?? [])].map(({ name }) => name);
  if (asked) {
    if ([...containers, ...others].includes(asked)) return asked;
    throw badRequest(`container ${asked} is not valid for pod ${metadata.name}`);
  }
  const [only = ''] = containers;
  if (containers.length === 1) return only;
  const init = spec.initContainers?.length
    ? ` or one of the init containers: [${spec.initContainers.map(({ name }) => name).join(' ')}]`
    : '';
  throw badRequest(
    `a container name must be specified for pod ${metadata.name}, choose one of: [${containers.join(' ')}]${init}`,
  );
}
