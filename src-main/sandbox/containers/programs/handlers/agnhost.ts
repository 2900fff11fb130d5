import { request } from 'node:http';
import type { Duplex } from 'node:stream';
import { messageOf } from '#common/base/errors';
import type { HandledAnswer, HandledRequest, HttpHandler } from '../http-listener';
import type { HandlerContext } from './handlers';

const text = (body: string, status = 200): HandledAnswer => ({ status, type: 'text/plain; charset=utf-8', body });

/** `agnhost liveness`: healthy for ten seconds, then not. */
export function livenessHandler({ spec: { clock } }: HandlerContext): HttpHandler {
  const startedAtMs = clock.now();
  return async () => {
    const ageMs = clock.now() - startedAtMs;
    return ageMs <= 10_000 ? text('ok') : text(`error: ${(ageMs / 1000).toFixed(3)}`, 500);
  };
}

/** `agnhost porter`: says on each port what its variable says. */
export function porterHandler({ spec, port }: HandlerContext): HttpHandler {
  return async () => text(spec.env[`SERVE_PORT_${port}`] ?? '');
}

type Route = (request: HandledRequest, query: URLSearchParams) => HandledAnswer | Promise<HandledAnswer>;

/** `agnhost netexec`: who am I, who are you, whom do I reach, echo, exit. */
export function netexecHandler(context: HandlerContext): HttpHandler {
  const { spec, exit } = context;
  const hostname = () => text(spec.hostname);
  const ended = (code: number) => {
    exit(code);
    return text('');
  };
  const routes: Readonly<Record<string, Route>> = {
    '/': () => text(`NOW: ${new Date(spec.clock.now()).toISOString()}`),
    '/hostname': hostname,
    '/hostName': hostname,
    '/clientip': ({ client }) => text(client),
    '/healthz': () => text(''),
    '/echo': (_, query) => text(query.get('msg') ?? '', Number(query.get('code') ?? 200)),
    '/header': ({ headers }, query) => text(String(headers[(query.get('key') ?? '').toLowerCase()] ?? '')),
    '/dial': async (_, query) => ({ status: 200, type: 'application/json', body: await dialled(query, context) }),
    '/redirect': (_, query) => ({
      ...text('', Number(query.get('code') ?? 302)),
      headers: { location: query.get('location') ?? '/' },
    }),
    '/shutdown': () => ended(0),
    '/exit': (_, query) => ended(Number(query.get('code') ?? 0)),
    '/upload': ({ method, body }) => (method === 'POST' ? text(`${body.length}`) : text('', 405)),
  };
  return async (request) => routes[request.path]?.(request, new URL(request.url, 'http://localhost').searchParams);
}

/** Asks another netexec, so many times, and tells who answered: `{"responses":[…],"errors":[…]}`. */
async function dialled(query: URLSearchParams, context: HandlerContext): Promise<string> {
  const [host, port] = [query.get('host') ?? '', Number(query.get('port') ?? 80)];
  const answers = { responses: [] as string[], errors: [] as string[] };
  for (let tries = Number(query.get('tries') ?? 1); tries > 0; tries--) {
    try {
      const connection = await context.connect(host, port, context.signal);
      answers.responses.push(await asked(connection, host, query.get('request') ?? ''));
    } catch (failure) {
      answers.errors.push(messageOf(failure));
    }
  }
  const { responses, errors } = answers;
  return JSON.stringify({ ...(responses.length > 0 && { responses }), ...(errors.length > 0 && { errors }) });
}

function asked(connection: Duplex, host: string, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const asking = request({ host, path: `/${path}`, createConnection: () => connection }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('end', () => resolve(Buffer.concat(parts).toString('utf8')));
      response.on('error', reject);
    });
    asking.on('error', reject);
    asking.end();
  });
}
