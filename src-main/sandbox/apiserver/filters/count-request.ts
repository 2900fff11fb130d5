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
    const seconds = (performance.now() - startedMs) / 1000;
    const dryRun = request.query.has('dryRun');
    const counted = response.status < 400 ? info : withoutUnknown(info, server.catalogue);
    server.counters.count(counted, { method: request.method, dryRun, code: response.status, seconds });
    return response;
  } finally {
    end();
  }
};

/** What is not there has endlessly many names: refusals of it are counted as one. */
function withoutUnknown(info: RequestInfo, catalogue: Catalogue): RequestInfo {
  if (!info.isResource) return { ...info, path: '' };
  const served = catalogue.find(info);
  if (!served) return { ...info, group: '', version: '', plural: '', subresource: '' };
  const isKnown = served.definition.subresources?.some(({ name }) => name === info.subresource);
  return isKnown ? info : { ...info, subresource: '' };
}
