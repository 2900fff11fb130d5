import { describe, expect, it } from 'vitest';
import { ManualClock } from '#common/base/clock';
import { seededRandom } from '#common/base/random';
import { randomRequest, type FuzzRequest } from '#test/fuzz/requests';
import { createApiServer, type ApiServer } from './server';

/** A short run at every test; `npm run fuzz` sends as many as there is time for, over the wire. */
const REQUESTS = 1000;
const LONGEST_MS = 3000;

async function failureOf(
  server: ApiServer,
  { method, path, headers, bytes }: FuzzRequest,
): Promise<string | undefined> {
  const [place = '', query = ''] = path.split('?', 2);
  const started = performance.now();
  const response = await server.handle({
    method,
    path: place,
    query: new URLSearchParams(query),
    headers,
    peer: { user: { name: 'admin', groups: ['system:masters'] } },
    signal: new AbortController().signal,
    body: () => Promise.resolve({ bytes }),
  });
  const body = response.body?.shape === 'value' ? Buffer.concat([...response.body.chunks()]).toString() : '';
  const tookMs = Math.round(performance.now() - started);
  // Real servers say 500 too, but not of what they did not foresee.
  const isOurs = response.status >= 500 && body.includes('InternalError');
  if (!isOurs && tookMs < LONGEST_MS) return undefined;
  const sent = bytes
    .subarray(0, 300)
    .toString('latin1')
    .replaceAll(/[^ -~]/g, '?');
  return `${method} ${path} ${headers['content-type']} ${tookMs} ms\n${sent}\n-> ${response.status} ${body.slice(0, 300)}`;
}

describe('the API server under nonsense', () => {
  it('answers every request, and none with a failure of its own', async () => {
    const random = seededRandom(11);
    const clock = new ManualClock();
    await using server = await createApiServer({
      clock,
      wallClock: clock,
      random: seededRandom(1),
      nodes: () => undefined,
    });
    const failures = new Map<string, string>();
    for (let at = 0; at < REQUESTS; at++) {
      const failure = await failureOf(server, randomRequest(random));
      if (failure) failures.set(failure.slice(failure.indexOf('->')).slice(0, 200), failure);
    }
    expect([...failures.values()].slice(0, 12)).toEqual([]);
  }, 60_000);
});
