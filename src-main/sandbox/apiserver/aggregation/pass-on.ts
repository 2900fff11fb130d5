/** Hands a request to the server behind an APIService, in the name of who sent it (kube-aggregator's proxy handler). */
import type { IncomingMessage } from 'node:http';
import { messageOf } from '#common/base/errors';
import type { ApiResponse } from '../api-request';
import { textResponse } from '../bodies';
import type { Exchange } from '../exchange';
import { hostOf, isUpgrade, passedOn, plainHeaders, send, tunnelled, type OnwardHeaders } from '../onward';
import type { Aggregator } from './aggregator';
import { Unresolved } from './backend';
import { goPath, goQuery } from './go-url';
import { remoteUser } from './remote-user';

const DISCOVERY_SECONDS = 5;

/** Undefined when the request is none for a server behind an APIService. */
export async function passOn(exchange: Exchange): Promise<ApiResponse | undefined> {
  const { aggregator } = exchange.server;
  if (aggregator.isEmpty) return undefined;
  const [, prefix, group = '', version = ''] = exchange.info.path.split('/');
  const name = prefix === 'apis' && version ? `${version}.${group}` : '';
  return name && aggregator.isBehind(name) ? passOnTo(exchange, name) : undefined;
}

/** Asks the server behind the APIService of that name. */
export async function passOnTo(exchange: Exchange, name: string): Promise<ApiResponse> {
  const { aggregator } = exchange.server;
  if (!aggregator.isAvailable(name)) return problemText('service unavailable');
  return answerOf(exchange, aggregator, name);
}

async function answerOf(exchange: Exchange, aggregator: Aggregator, name: string): Promise<ApiResponse> {
  const { request, info } = exchange;
  const path = goPath(request.path);
  const onward = { path: [path, goQuery(request.query)].filter(Boolean).join('?'), headers: headersFor(exchange) };
  const limit = info.isResource ? [] : [AbortSignal.timeout(DISCOVERY_SECONDS * 1000)];
  const signal = AbortSignal.any([request.signal, ...limit]);
  try {
    const connection = await aggregator.connect(name, signal);
    if (isUpgrade(request)) return await tunnelled(request, onward, connection);
    const forwarded = { 'x-forwarded-host': aggregator.addressOf(name), 'x-forwarded-proto': 'https' };
    const headers = { ...onward.headers, ...forwarded, 'x-forwarded-uri': path };
    return passedBack(await send(request, { ...onward, headers }, connection));
  } catch (problem) {
    return problemText(problem instanceof Unresolved ? 'service unavailable' : messageOf(problem));
  }
}

/** What the client said, without what it says about others, and who it is. */
function headersFor({ request, user, auditId }: Exchange): OnwardHeaders {
  const others = Object.entries(passedOn(request)).filter(([key]) => !key.startsWith('x-remote-'));
  return { ...Object.fromEntries(others), ...remoteUser(user), host: hostOf(request), 'audit-id': auditId };
}

/** Redirects would lead clients around the API server. */
function passedBack(answer: IncomingMessage): ApiResponse {
  const { statusCode = 502, headers } = answer;
  if (statusCode >= 300 && statusCode <= 399 && headers.location) {
    answer.destroy();
    return textResponse(502, 'the backend attempted to redirect this request, which is not permitted');
  }
  const { 'content-type': type, ...others } = plainHeaders(answer);
  const described = type && statusCode !== 304 ? { ...others, 'content-type': type } : others;
  return { status: statusCode, headers: described, body: { shape: 'bytes', chunks: bytesOf(answer) } };
}

/** A connection that breaks ends the answer: clients see that it is shorter than it said, or begin their watch again. */
async function* bytesOf(answer: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* answer;
  } catch {
    return;
  }
}

const problemText = (text: string): ApiResponse => textResponse(503, `${text}\n`);
