/** Subresources that connect to a node or a server: logs, exec, attach, port-forward, proxy. */
import type { ApiResponse } from '../api-request';
import { methodNotAllowed } from '../dispatch-errors';
import type { ResourceExchange } from '../exchange';
import { admitConnection } from './admit';
import { attach, exec } from './exec';
import { podLog } from './log';
import { portForward } from './port-forward';
import { nodeProxy, podProxy, serviceProxy } from './proxy';

type Handler = (exchange: ResourceExchange) => Promise<ApiResponse>;

interface Connection {
  handler: Handler;
  /** What admission is shown of it; logs are read, not connected to. */
  options?: string;
  methods: readonly string[];
}

const STREAM_METHODS = ['GET', 'POST'];
const PROXY_METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'];

const CONNECT: Readonly<Record<string, Connection>> = {
  'pods/log': { handler: podLog, methods: ['GET'] },
  'pods/exec': { handler: exec, options: 'PodExecOptions', methods: STREAM_METHODS },
  'pods/attach': { handler: attach, options: 'PodAttachOptions', methods: STREAM_METHODS },
  'pods/portforward': { handler: portForward, options: 'PodPortForwardOptions', methods: STREAM_METHODS },
  'pods/proxy': { handler: podProxy, options: 'PodProxyOptions', methods: PROXY_METHODS },
  'services/proxy': { handler: serviceProxy, options: 'ServiceProxyOptions', methods: PROXY_METHODS },
  'nodes/proxy': { handler: nodeProxy, options: 'NodeProxyOptions', methods: PROXY_METHODS },
};

/** The handler of a connecting subresource; undefined for others. Throws MethodNotAllowed. */
export function connectHandler({ info, request }: ResourceExchange): Handler | undefined {
  const connection = CONNECT[`${info.plural}/${info.subresource}`];
  if (connection && !connection.methods.includes(request.method)) throw methodNotAllowed();
  if (!connection?.options) return connection?.handler;
  const { handler, options } = connection;
  return async (exchange) => {
    await admitConnection(exchange, options);
    return handler(exchange);
  };
}
