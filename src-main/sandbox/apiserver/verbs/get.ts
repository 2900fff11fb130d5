import type { ApiResponse } from '../api-request';
import type { ResourceExchange } from '../exchange';
import { objectResponse } from '../object-response';

export async function get(exchange: ResourceExchange): Promise<ApiResponse> {
  const { info, served } = exchange;
  const namespace = served.definition.namespaced ? info.namespace : '';
  return objectResponse(exchange, served.registry.get(namespace, info.name, served.definition));
}
