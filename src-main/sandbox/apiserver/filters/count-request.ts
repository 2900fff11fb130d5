import type { Filter } from '../chain';

/** Counts answers and their time for `/metrics`. */
export const countRequest: Filter = async (exchange, next) => {
  const { info, request, server } = exchange;
  const end = server.counters.begin(info);
  const startedMs = performance.now();
  try {
    const response = await next();
    const seconds = (performance.now() - startedMs) / 1000;
    const dryRun = request.query.has('dryRun');
    server.counters.count(info, { method: request.method, dryRun, code: response.status, seconds });
    return response;
  } finally {
    end();
  }
};
