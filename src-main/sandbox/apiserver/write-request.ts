import { invalidValue, notSupported } from '#main/sandbox/registry/field-errors';
import type { WriteRequest } from '#main/sandbox/registry/registry-context';
import { invalid } from '#main/sandbox/registry/status-errors';
import type { ResourceExchange } from './exchange';

/** What the query says about a write. `options` names the kind of its errors: `CreateOptions`. */
export function writeRequest(exchange: ResourceExchange, options: string): WriteRequest {
  const { info, user, request, served } = exchange;
  return {
    user,
    subresource: info.subresource,
    namespace: served.definition.namespaced ? info.namespace : '',
    served: served.writtenAs,
    dryRun: dryRunOf(request.query.getAll('dryRun'), options),
    fieldManager: fieldManagerOf(exchange, options),
  };
}

/** `All` is the only value there is. */
export function dryRunOf(values: readonly string[], options: string): boolean {
  const given = values.filter((value) => value !== '');
  if (given.some((value) => value !== 'All')) {
    throw invalid({ group: 'meta.k8s.io', kind: options }, '', [notSupported('dryRun', given, ['All'])]);
  }
  return given.length > 0;
}

const LONGEST_MANAGER = 128;

/** The manager of the query, else what the user agent has before its first `/`. */
export function fieldManagerOf({ request }: Pick<ResourceExchange, 'request'>, options: string): string {
  const asked = request.query.get('fieldManager') ?? '';
  if (asked.length > LONGEST_MANAGER) {
    const detail = `Too long: may not be more than ${LONGEST_MANAGER} bytes`;
    throw invalid({ group: 'meta.k8s.io', kind: options }, '', [invalidValue('fieldManager', asked, detail)]);
  }
  const [agent = ''] = (request.headers['user-agent'] ?? '').split('/', 1);
  return asked || agent.slice(0, LONGEST_MANAGER) || 'unknown';
}
