import type { HandledAnswer, HttpHandler } from '../http-listener';
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

/** `agnhost netexec`: who am I, who are you, echo, exit. */
export function netexecHandler({ spec, exit }: HandlerContext): HttpHandler {
  return async ({ path, url, client, headers, body, method }) => {
    const { searchParams } = new URL(url, 'http://localhost');
    switch (path) {
      case '/':
        return text(`NOW: ${new Date(spec.clock.now()).toISOString()}`);
      case '/hostname':
      case '/hostName':
        return text(spec.hostname);
      case '/clientip':
        return text(client);
      case '/healthz':
        return text('');
      case '/echo':
        return text(searchParams.get('msg') ?? '', Number(searchParams.get('code') ?? 200));
      case '/header':
        return text(String(headers[(searchParams.get('key') ?? '').toLowerCase()] ?? ''));
      case '/exit':
        exit(Number(searchParams.get('code') ?? 0));
        return text('');
      case '/upload':
        return text(method === 'POST' ? `${body.length}` : '', method === 'POST' ? 200 : 405);
      default:
        return undefined;
    }
  };
}
