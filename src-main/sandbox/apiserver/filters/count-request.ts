import type { Filter } from '../chain';

/** Counts answers for `/metrics`. */
export const countRequest: Filter = async (exchange, next) => {
  const response = await next();
  const { verb, plural } = exchange.info;
  exchange.server.counters.count(verb, plural, response.status);
  return response;
};
