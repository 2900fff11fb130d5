import type { Filter } from '../chain';

/** Every answer names the request, so that logs of both sides can be put together. */
export const auditId: Filter = async (exchange, next) => {
  const response = await next();
  response.headers['audit-id'] = exchange.auditId;
  return response;
};
