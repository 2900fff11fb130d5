import { ConnectError } from '#main/base/pod-network';
import { fetchOver } from '../../shell/commands/web-client';
import type { HandledAnswer, HttpHandler } from '../http-listener';
import { flagValue } from '../program-context';
import type { HandlerContext } from './handlers';

const page = (status: number, title: string): HandledAnswer => ({
  status,
  type: 'text/html',
  body: `<html>\r\n<head><title>${status} ${title}</title></head>\r\n<body>\r\n<center><h1>${status} ${title}</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n`,
});

/** Headers that belong to one connection and are not passed on. */
const HOP_BY_HOP = new Set(['connection', 'keep-alive', 'transfer-encoding', 'upgrade', 'content-length']);

/** An ingress-nginx controller: routes requests to the Services that the Ingresses of its class name. */
export function ingressHandler(context: HandlerContext): HttpHandler {
  const { spec, argv, connect, signal, write } = context;
  const ingressClass = flagValue(argv, '--ingress-class') ?? 'nginx';
  return async ({ method, path, url, headers, body, client }) => {
    const host = headers.host ?? '';
    const route = spec.network.route(ingressClass, host, path);
    if (!route) return page(404, 'Not Found');
    if (route.redirect) return { ...page(308, 'Permanent Redirect'), headers: { Location: route.redirect } };
    const query = url.includes('?') ? url.slice(url.indexOf('?')) : '';
    try {
      const connection = await connect(route.address, route.port, signal);
      const answer = await fetchOver({
        url: new URL(`http://${route.address}:${route.port}${route.path}${query}`),
        method,
        headers: {
          ...passedOn(headers),
          Host: host,
          'X-Real-IP': client,
          'X-Forwarded-For': client,
          'X-Forwarded-Host': host,
        },
        body: body.length > 0 ? body : undefined,
        connection,
        signal,
      });
      const line = `${client} - - "${method} ${url} HTTP/1.1" ${answer.status} ${answer.body.length} [${route.upstream}]\n`;
      write('stdout', line);
      const { 'content-type': type = 'text/html', ...rest } = answer.headers;
      return { status: answer.status, type: String(type), body: answer.body, headers: passedOn(rest) };
    } catch (failure) {
      write('stderr', `[error] connect() failed while connecting to upstream, upstream: ${route.upstream}\n`);
      return failure instanceof ConnectError && failure.reason === 'timed-out'
        ? page(504, 'Gateway Time-out')
        : page(503, 'Service Temporarily Unavailable');
    }
  };
}

function passedOn(headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined || HOP_BY_HOP.has(name) ? [] : [[name, String(value)]],
    ),
  );
}
