import { badRequest } from '#main/sandbox/registry/status-errors';
import { draftOf } from '#main/sandbox/registry/object-state';
import type { ApiResponse } from '../api-request';
import type { ResourceExchange } from '../exchange';
import { objectResponse } from '../object-response';
import { readObject } from '../read-object';
import { writeRequest } from '../write-request';

/** PUT, of the object or of a subresource that has the same form. */
export async function update(exchange: ResourceExchange): Promise<ApiResponse> {
  const { served, info, warnings } = exchange;
  const request = writeRequest(exchange, 'UpdateOptions');
  const object = served.toStored(await readObject(exchange, served.definition, served));
  const { metadata } = object;
  if (metadata.name && metadata.name !== info.name) {
    throw badRequest(`the name of the object (${metadata.name}) does not match the name on the URL (${info.name})`);
  }
  metadata.name = info.name;
  if (request.namespace && metadata.namespace && metadata.namespace !== request.namespace) {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  }
  const written = await served.registry.update(info.name, () => draftOf(object), request);
  warnings.push(...written.warnings);
  return objectResponse(exchange, written.entry, written.created ? 201 : 200);
}
