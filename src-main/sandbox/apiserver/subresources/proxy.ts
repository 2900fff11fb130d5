/** `proxy`: an HTTP request to a Pod, a Service or a Node, through the API server. */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { messageOf } from '#common/base/errors';
import { ApiStatusError, unforeseen } from '#common/kube/status-error';
import type { ApiRequest, ApiResponse, ResponseBody } from '../api-request';
import { textResponse } from '../bodies';
import type { ResourceExchange } from '../exchange';
import { hostOf, isUpgrade, passedOn, plainHeaders, queryOf, send, tunnelled, type OnwardHeaders } from '../onward';
import { kubeletOf, refused } from './pod-on-node';
import { rewrittenLink, rewrittenPage, type RewriteScope } from './proxy-rewrite';
import { nodeTarget, podTarget, serviceTarget, unreachable, type ProxyTarget } from './proxy-target';

export async function podProxy(exchange: ResourceExchange): Promise<ApiResponse> {
  return proxied(exchange, podTarget(exchange));
}

export async function serviceProxy(exchange: ResourceExchange): Promise<ApiResponse> {
  return proxied(exchange, serviceTarget(exchange));
}

export async function nodeProxy(exchange: ResourceExchange): Promise<ApiResponse> {
  const { nodeName, target } = nodeTarget(exchange);
  if (target) return proxied(exchange, target);
  const { request, info } = exchange;
  const { address, node } = kubeletOf(exchange, nodeName);
  if (!node) throw unreachable(refused(address));
  const redirect = redirectToRoot(exchange);
  if (redirect) return redirect;
  if (request.method !== 'GET' && request.method !== 'HEAD') return textResponse(405, '405: Method Not Allowed');
  const { status, type, body } = await node.page(`/${info.rest}`);
  return textResponse(status, body, { 'content-type': type });
}

async function proxied(exchange: ResourceExchange, target: ProxyTarget): Promise<ApiResponse> {
  const { request } = exchange;
  const onward = { path: pathBehind(exchange) + queryOf(request), headers: headersFor(request) };
  if (isUpgrade(request)) return tunnelled(request, onward, await dialled(target, request.signal));
  const redirect = redirectToRoot(exchange);
  if (redirect) return redirect;
  try {
    const answer = await send(request, onward, await target.dial(request.signal));
    return answered(answer, scopeOf(exchange, target));
  } catch (problem) {
    if (problem instanceof ApiStatusError) throw problem;
    throw unreachable(messageOf(problem));
  }
}

async function dialled(target: ProxyTarget, signal: AbortSignal): Promise<Duplex> {
  return target.dial(signal).catch((problem: unknown) => {
    throw unforeseen(`error dialing backend: ${messageOf(problem)}`);
  });
}

function headersFor(request: ApiRequest): OnwardHeaders {
  return { ...passedOn(request), host: hostOf(request), 'x-forwarded-uri': request.path };
}

/** Pages that are asked for without the last `/` would find none of their relative links. */
function redirectToRoot({ request, info }: ResourceExchange): ApiResponse | undefined {
  const isRoot = info.rest === '' && !request.path.endsWith('/');
  if (!isRoot || (request.method !== 'GET' && request.method !== 'HEAD')) return undefined;
  return { status: 301, headers: { location: `${request.path}/${queryOf(request)}` } };
}

/** The path as the client wrote it: nobody decodes it on the way. */
function pathBehind({ request, info }: ResourceExchange): string {
  const marker = '/proxy';
  const at = request.path.indexOf(marker, request.path.indexOf(`/${info.plural}/`));
  return request.path.slice(at + marker.length) || '/';
}

function scopeOf(exchange: ResourceExchange, { address }: ProxyTarget): RewriteScope {
  const { request } = exchange;
  const path = pathBehind(exchange);
  const prefix = request.path.endsWith(path) ? request.path.slice(0, request.path.length - path.length) : request.path;
  return { prefix, hosts: [address, hostOf(request)] };
}

function answered(answer: IncomingMessage, scope: RewriteScope): ApiResponse {
  const headers = plainHeaders(answer);
  const { location } = headers;
  if (location) headers['location'] = rewrittenLink(location, scope);
  const isPage = !location && (headers['content-type'] ?? '').split(';')[0]?.trim() === 'text/html';
  const body: ResponseBody = { shape: 'bytes', chunks: answer as AsyncIterable<Uint8Array> };
  if (!isPage || headers['content-encoding']) return { status: answer.statusCode ?? 502, headers, body };
  delete headers['content-length'];
  body.chunks = rewritten(answer, scope);
  return { status: answer.statusCode ?? 502, headers, body };
}

async function* rewritten(answer: IncomingMessage, scope: RewriteScope): AsyncGenerator<Uint8Array> {
  const parts: Buffer[] = [];
  for await (const part of answer as AsyncIterable<Buffer>) parts.push(part);
  yield Buffer.from(rewrittenPage(Buffer.concat(parts).toString('utf8'), scope));
}
