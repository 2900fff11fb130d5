import type { Filter } from '../chain';

/** Puts what was gathered on the way into Warning headers. */
export const addWarnings: Filter = async (exchange, next) => {
  const response = await next();
  if (exchange.warnings.length === 0) return response;
  return { ...response, warnings: exchange.warnings };
};
