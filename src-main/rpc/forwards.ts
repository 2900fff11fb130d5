import type { PilothouseHandlers } from '#common/contract/contract';
import type { Forwards } from '#main/services/forwards/forwards';

export function forwardsHandlers(forwards: Forwards): PilothouseHandlers['forwards'] {
  return {
    changes: (_nothing, { signal }) => forwards.changes(signal),
    start: (request, { signal }) => forwards.start(request, signal),
    stop: ({ id }) => forwards.stop(id),
  };
}
