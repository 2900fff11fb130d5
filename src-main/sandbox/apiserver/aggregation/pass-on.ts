/** Hands a request to the server behind an APIService, in the name of who sent it (kube-aggregator's proxy handler). */
import { messageOf } from '#common/base/errors';
import type { ApiResponse } from '../api-request';
import { textResponse } from '../bodies';
import type { Exchange } from '../exchange';
import { hostOf, isUpgrade, passedOn, plainHeaders, queryOf, send, tunnelled } from '../onward';
import type { Aggregator } from './aggregator';
import { Unresolved } from './backend';
import { remoteUser } from './remote-user';

const DISCOVERY_SECONDS = 5;

/** Undefined when the request is none for a server behind an APIService. */
export async function passOn(exchange: Exchange): Promise<ApiResponse | undefined> {
  const { aggregator } = exchange.server;
  if (aggregator.isEmpty) return undefined;
  const [, prefix, group = '', version = ''] = exchange.info.path.split('/');
  const name = prefix === 'apis' && version ? `${version}.${group}` : '';
  if (!name || !aggregator.isBehind(name)) return undefined;
  if (!aggregator.isAvailable(name)) return problemText('service unavailable');
  return answerOf(exchange, aggregator, name);
}

async function answerOf(exchange: Exchange, aggregator: Aggregator, name: string): Promise<ApiResponse> {
  const { request, user, auditId, info } = exchange;
  const others = Object.entries(passedOn(request)).filter(([key]) => !key.startsWith('x-remote-'));
  const headers = {
    ...Object.fromEntries(others),
    ...remoteUser(user),
    host: hostOf(request),
    'audit-id': auditId,
  };
  const onward = { path: request.path + queryOf(request), headers };
  const limit = info.isResource ? [] : [AbortSignal.timeout(DISCOVERY_SECONDS * 1000)];
  const signal = AbortSignal.any([request.signal, ...limit]);
  try {
    const connection = await aggregator.connect(name, signal);
    if (isUpgrade(request)) return await tunnelled(request, onward, connection);
    const answer = await send(request, onward, connection);
    const body = { shape: 'bytes', chunks: bytesOf(answer) } as const;
    return { status: answer.statusCode ?? 502, headers: plainHeaders(answer), body };
  } catch (problem) {
    return problemText(problem instanceof Unresolved ? 'service unavailable' : messageOf(problem));
  }
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
