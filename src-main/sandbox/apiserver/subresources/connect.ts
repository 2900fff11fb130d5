/** Subresources that connect to a node or a server: logs, exec, attach, port-forward, proxy. */
import type { ApiResponse } from '../api-request';
import type { ResourceExchange } from '../exchange';
import { podLog } from './log';

type Handler = (exchange: ResourceExchange) => Promise<ApiResponse>;

const CONNECT: Readonly<Record<string, Handler>> = {
  'pods/log': podLog,
};

/** The handler of a connecting subresource; undefined for others. */
export function connectHandler({ info }: ResourceExchange): Handler | undefined {
  return CONNECT[`${info.plural}/${info.subresource}`];
}
