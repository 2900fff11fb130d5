import type { ApiResponse } from '../api-request';
import { textResponse } from '../bodies';
import type { Filter } from '../chain';
import type { Exchange } from '../exchange';
import { isLongRunning } from '../request-info';

const MASTERS = 'system:masters';

/** Sends requests away while too many are under way. */
export const limitRequests: Filter = async (exchange, next) => {
  if (isExempt(exchange)) return next();
  const leave = await exchange.server.seats.take();
  if (!leave) return tooManyRequests();
  try {
    return await next();
  } finally {
    leave();
  }
};

/** As the FlowSchemas `exempt` and `probes` have it; what runs long would hold its seat for ever. */
function isExempt({ user, info }: Exchange): boolean {
  return user.groups.includes(MASTERS) || isLongRunning(info) || /^\/(?:healthz|livez|readyz)(?:\/|$)/.test(info.path);
}

function tooManyRequests(): ApiResponse {
  return textResponse(429, 'Too many requests, please try again later.\n', { 'retry-after': '1' });
}
