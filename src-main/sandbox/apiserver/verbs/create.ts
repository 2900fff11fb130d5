import type { ApiResponse } from '../api-request';
import type { ResourceExchange } from '../exchange';
import { objectResponse } from '../object-response';
import { readObject } from '../read-object';
import { writeRequest } from '../write-request';

export async function create(exchange: ResourceExchange): Promise<ApiResponse> {
  const { served, warnings } = exchange;
  const request = writeRequest(exchange, 'CreateOptions');
  const draft = served.toStored(await readObject(exchange, served.definition, served));
  const written = await served.registry.create(draft, request);
  warnings.push(...written.warnings);
  return objectResponse(exchange, written.entry, 201);
}
