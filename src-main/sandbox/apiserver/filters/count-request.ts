import type { BuiltInResource } from '#main/sandbox/machinery/schema';
import type { ApiResponse } from '../api-request';
import type { Catalogue } from '../catalogue';
import type { Filter } from '../chain';
import type { RequestInfo } from '../request-info';

/** Counts answers and their time for `/metrics`. */
export const countRequest: Filter = async (exchange, next) => {
  const { info, request, server } = exchange;
  const end = server.counters.begin(info);
  const startedMs = performance.now();
  try {
    const response = await next();
    if (!isRouted(response, info, server.catalogue)) return response;
    const seconds = (performance.now() - startedMs) / 1000;
    const dryRun = request.query.has('dryRun');
    server.counters.count(info, { method: request.method, dryRun, code: response.status, seconds });
    return response;
  } finally {
    end();
  }
};

/** Counting is the routes' business: what none of them takes is counted nowhere, and its names have no end. */
function isRouted({ status }: ApiResponse, info: RequestInfo, catalogue: Catalogue): boolean {
  if (status < 400) return true;
  if (!info.isResource || status === 405) return false;
  const served = catalogue.find(info);
  return served !== undefined && hasSubresource(served.definition, info.subresource);
}

function hasSubresource({ subresources = [] }: BuiltInResource, subresource: string): boolean {
  return subresource === '' || subresources.some(({ name }) => name === subresource);
}
