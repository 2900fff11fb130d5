/** Subresources that connect to a node or a server: logs, exec, attach, port-forward, proxy. */
import type { ApiResponse } from '../api-request';
import type { ResourceExchange } from '../exchange';
import { attach, exec } from './exec';
import { podLog } from './log';
import { portForward } from './port-forward';
import { nodeProxy, podProxy, serviceProxy } from './proxy';

type Handler = (exchange: ResourceExchange) => Promise<ApiResponse>;

const CONNECT: Readonly<Record<string, Handler>> = {
  'pods/log': podLog,
  'pods/exec': exec,
  'pods/attach': attach,
  'pods/portforward': portForward,
  'pods/proxy': podProxy,
  'services/proxy': serviceProxy,
  'nodes/proxy': nodeProxy,
};

/** The handler of a connecting subresource; undefined for others. */
export function connectHandler({ info }: ResourceExchange): Handler | undefined {
  return CONNECT[`${info.plural}/${info.subresource}`];
}
