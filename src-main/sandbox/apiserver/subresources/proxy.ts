/** `proxy`: an HTTP request to a Pod or a Service, through the API server. */
import { request as httpRequest, type IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { messageOf } from '#common/base/errors';
import { EndpointSlices, Pods } from '#common/kube/resources';
import type { EndpointSlice, Pod, Service, ServicePort } from '#common/kube/types';
import { failure } from '#common/kube/status-error';
import { keysOf } from '#main/sandbox/store/collection';
import type { ApiResponse } from '../api-request';
import { textResponse } from '../bodies';
import { methodNotAllowed } from '../dispatch-errors';
import type { ResourceExchange } from '../exchange';

/** `https:web:8080`: an optional scheme, a name, an optional port by number or name. */
interface Target {
  name: string;
  port: string;
}

export async function podProxy(exchange: ResourceExchange): Promise<ApiResponse> {
  const { name, port } = targetOf(exchange.info.name);
  const pod = exchange.served.registry.get(exchange.info.namespace, name).object as unknown as Pod;
  const number = port
    ? Number(port) || namedPort(pod, port)
    : (pod.spec.containers[0]?.ports?.[0]?.containerPort ?? 80);
  return forwarded(exchange, pod, number);
}

export async function serviceProxy(exchange: ResourceExchange): Promise<ApiResponse> {
  const { name, port } = targetOf(exchange.info.name);
  const service = exchange.served.registry.get(exchange.info.namespace, name).object as unknown as Service;
  const wanted = servicePort(service, port);
  if (!wanted) throw unavailable(`no service port "${port}" found for service "${name}"`);
  const backend = backendOf(exchange, name, wanted);
  if (!backend) throw unavailable(`no endpoints available for service "${name}"`);
  return forwarded(exchange, backend.pod, backend.port);
}

export async function nodeProxy(exchange: ResourceExchange): Promise<ApiResponse> {
  const { request, server, info } = exchange;
  const { name } = targetOf(info.name);
  exchange.served.registry.get('', name);
  const kubelet = server.nodes(name);
  if (!kubelet) throw unavailable(`error trying to reach service: dial tcp ${name}:10250: connect: connection refused`);
  if (request.method !== 'GET' && request.method !== 'HEAD') throw methodNotAllowed();
  const { status, type, body } = await kubelet.page(`/${info.rest}`);
  return textResponse(status, body, { 'content-type': type });
}

function targetOf(text: string): Target {
  const parts = text.split(':');
  const [name = '', port = ''] =
    parts.length === 3 || parts[0] === 'http' || parts[0] === 'https' ? parts.slice(1) : parts;
  return { name, port };
}

function namedPort({ spec }: Pod, name: string): number {
  const ports = spec.containers.flatMap(({ ports = [] }) => ports);
  return ports.find((one) => one.name === name)?.containerPort ?? 80;
}

function servicePort({ spec }: Service, wanted: string): ServicePort | undefined {
  const { ports = [] } = spec;
  if (!wanted) return ports.length === 1 ? ports[0] : undefined;
  return ports.find(({ name, port }) => name === wanted || String(port) === wanted);
}

/** A ready endpoint of the Service, with the number its port has there. */
function backendOf({ server, info }: ResourceExchange, service: string, wanted: ServicePort) {
  const slices = server.catalogue.registry(EndpointSlices).collection.list(keysOf(info.namespace));
  for (const { object } of slices) {
    const slice = object as unknown as EndpointSlice;
    if (slice.metadata.labels?.['kubernetes.io/service-name'] !== service) continue;
    const port = slice.ports?.find(({ name = '' }) => name === (wanted.name ?? ''))?.port;
    const ready = slice.endpoints?.find(
      ({ conditions, targetRef }) => conditions?.ready !== false && targetRef?.kind === 'Pod',
    );
    if (!port || !ready?.targetRef) continue;
    const key = `${info.namespace}/${ready.targetRef.name}`;
    const pod = server.catalogue.registry(Pods).collection.get(key)?.object as unknown as Pod | undefined;
    if (pod) return { pod, port };
  }
  return undefined;
}

async function forwarded(exchange: ResourceExchange, pod: Pod, port: number): Promise<ApiResponse> {
  const { request, server, info } = exchange;
  const { name, namespace = '', uid } = pod.metadata;
  const node = pod.spec.nodeName ? server.nodes(pod.spec.nodeName) : undefined;
  if (!node) throw unavailable(`error trying to reach service: pod ${name} does not run`);
  try {
    const connection = await node.dial({ name, namespace, uid }, port, request.signal);
    const body = await request.body();
    const answer = await send(exchange, connection, 'bytes' in body ? body.bytes : undefined);
    return {
      status: answer.statusCode ?? 502,
      headers: plainHeaders(answer, `/api/v1/namespaces/${namespace}/${info.plural}/${info.name}/proxy`),
      body: { shape: 'bytes', chunks: answer as AsyncIterable<Uint8Array> },
    };
  } catch (problem) {
    throw unavailable(`error trying to reach service: ${messageOf(problem)}`);
  }
}

function send(
  { request, info }: ResourceExchange,
  connection: Duplex,
  body: Uint8Array | undefined,
): Promise<IncomingMessage> {
  const query = request.query.size > 0 ? `?${request.query.toString()}` : '';
  const { connection: _connection, host: _host, authorization: _secret, ...others } = request.headers;
  const headers = Object.fromEntries(Object.entries(others).filter(([name, value]) => value && !name.startsWith(':')));
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest({
      method: request.method,
      path: `/${info.rest}${query}`,
      headers: { ...(headers as Record<string, string>), host: info.name, connection: 'close' },
      createConnection: () => connection,
    });
    outgoing.once('response', resolve);
    outgoing.once('error', reject);
    outgoing.end(body?.length ? body : undefined);
  });
}

/** Headers of one hop stay there; redirects of the server lead back through the proxy. */
const OF_ONE_HOP = new Set(['connection', 'keep-alive', 'transfer-encoding', 'upgrade']);

function plainHeaders({ headers }: IncomingMessage, prefix: string): Record<string, string> {
  const plain: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined || OF_ONE_HOP.has(name)) continue;
    plain[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  if (plain['location']?.startsWith('/')) plain['location'] = prefix + plain['location'];
  return plain;
}

function unavailable(text: string) {
  return failure(503, 'ServiceUnavailable', text, {});
}
