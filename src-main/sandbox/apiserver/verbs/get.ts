import type { ApiResponse } from '../api-request';
import type { ResourceExchange } from '../exchange';
import { servedResponse } from '../object-response';

export async function get(exchange: ResourceExchange): Promise<ApiResponse> {
  const { info, served } = exchange;
  const namespace = served.definition.namespaced ? info.namespace : '';
  return servedResponse(exchange, served.serveAnew(served.registry.get(namespace, info.name, served.definition)));
}
