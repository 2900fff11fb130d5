import { randomBytes } from 'node:crypto';
import { ConnectError, type IngressView } from '#main/base/pod-network';
import { fetchOver } from '../../shell/commands/web-client';
import type { HandledAnswer, HandledRequest, HttpHandler } from '../http-listener';
import { fillTokens } from '../log-tokens';
import { flagValue } from '../program-context';
import type { HandlerContext } from './handlers';
import { ingressIdentity } from './ingress-identity';

const page = (status: number, title: string): HandledAnswer => ({
  status,
  type: 'text/html',
  body: `<html>\r\n<head><title>${status} ${title}</title></head>\r\n<body>\r\n<center><h1>${status} ${title}</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n`,
});

/** Headers that belong to one connection and are not passed on. */
const HOP_BY_HOP = new Set(['connection', 'keep-alive', 'transfer-encoding', 'upgrade', 'content-length']);

/** What ingress-nginx tells browsers about hosts with a certificate, unless it is configured otherwise. */
const STRICT_TRANSPORT = 'max-age=31536000; includeSubDomains';

/**
 * An ingress-nginx controller: routes requests to the Services that the Ingresses of its class name, with the certificates that
 * they name.
 */
export function ingressHandler(context: HandlerContext): HttpHandler {
  const { spec, argv, connect, signal, write, protocol } = context;
  const view = spec.network.ingresses(flagValue(argv, '--ingress-class') ?? 'nginx');
  if (protocol === 'https') complainOfSecrets(view, context);
  const handle = async ({
    method,
    path,
    url,
    headers,
    body,
    client,
    isSecure,
  }: HandledRequest): Promise<HandledAnswer> => {
    const host = headers.host ?? '';
    const route = view.route({ host, path, url, isSecure });
    if (!route) return page(404, 'Not Found');
    if (route.redirect) return { ...page(308, 'Permanent Redirect'), headers: { Location: route.redirect } };
    const query = url.includes('?') ? url.slice(url.indexOf('?')) : '';
    try {
      const connection = await connect(route.address, route.port, signal);
      const answer = await fetchOver({
        url: new URL(`http://${route.address}:${route.port}${route.path}${query}`),
        method,
        headers: { ...passedOn(headers), ...forwardedHeaders({ host, client, isSecure }) },
        body: body.length > 0 ? body : undefined,
        connection,
        signal,
      });
      const line = `${client} - - "${method} ${url} HTTP/1.1" ${answer.status} ${answer.body.length} [${route.upstream}]\n`;
      write('stdout', line);
      const { 'content-type': type = 'text/html', ...rest } = answer.headers;
      const strict =
        isSecure && view.certificate(nameOf(host)) ? { 'Strict-Transport-Security': STRICT_TRANSPORT } : {};
      return {
        status: answer.status,
        type: String(type),
        body: answer.body,
        headers: { ...passedOn(rest), ...strict },
      };
    } catch (failure) {
      write('stderr', `[error] connect() failed while connecting to upstream, upstream: ${route.upstream}\n`);
      return failure instanceof ConnectError && failure.reason === 'timed-out'
        ? page(504, 'Gateway Time-out')
        : page(503, 'Service Temporarily Unavailable');
    }
  };
  return Object.assign(handle, { identity: ingressIdentity(view) });
}

const nameOf = (host: string): string => host.replace(/:\d+$/, '');

function forwardedHeaders({ host, client, isSecure }: { host: string; client: string; isSecure: boolean }) {
  const scheme = isSecure ? 'https' : 'http';
  return {
    Host: host,
    'X-Request-ID': randomBytes(16).toString('hex'),
    'X-Real-IP': client,
    'X-Forwarded-For': client,
    'X-Forwarded-Host': host,
    'X-Forwarded-Port': isSecure ? '443' : '80',
    'X-Forwarded-Proto': scheme,
    'X-Forwarded-Scheme': scheme,
    'X-Scheme': scheme,
  };
}

/** A certificate that is not there is complained of once, and again when it was there in between. */
function complainOfSecrets(view: IngressView, { write, signal, spec }: HandlerContext): void {
  let known = new Set<string>();
  const look = (): void => {
    const missing = new Set(view.missingSecrets());
    for (const secret of missing) {
      const { hostname, ip, clock } = spec;
      const line = fillTokens(missingText(secret), { hostname, ip, atMs: clock.now() });
      if (!known.has(secret)) write('stderr', `${line}\n`);
    }
    known = missing;
  };
  look();
  const following = view.onChange(look);
  signal.addEventListener('abort', () => following[Symbol.dispose](), { once: true });
}

const missingText = (secret: string): string =>
  `W{klog-time}       7 controller.go:1495] Error getting SSL certificate ${JSON.stringify(secret)}: local SSL certificate ${secret} was not found. Using default certificate`;

function passedOn(headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined || HOP_BY_HOP.has(name) ? [] : [[name, String(value)]],
    ),
  );
}
