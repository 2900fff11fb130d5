import type { WatchEvent } from '#common/kube/object';
import { ApiStatusError, failure } from '#common/kube/status-error';
import type { CarrierResponse } from './carrier';
import { isStatus } from './status-of-response';

/** The events of a watch answer, bookmarks included; an ERROR event is thrown as the ApiStatusError it carries. */
export async function* watchEvents<T>(response: Pick<CarrierResponse, 'lines'>): AsyncGenerator<WatchEvent<T>> {
  for await (const line of response.lines()) {
    const event = line as WatchEvent<T>;
    if (event.type === 'ERROR') throw errorOf(event.object);
    yield event;
  }
}

function errorOf(object: unknown): ApiStatusError {
  if (isStatus(object)) return new ApiStatusError(object);
  return failure(500, 'InternalError', `unexpected object in an ERROR event: ${JSON.stringify(object)}`);
}
