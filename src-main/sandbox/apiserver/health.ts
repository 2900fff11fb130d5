import type { ApiResponse } from './api-request';
import { textResponse } from './bodies';

const CHECKS = [
  'ping',
  'log',
  'etcd',
  'poststarthook/start-apiextensions-controllers',
  'poststarthook/rbac/bootstrap-roles',
];

/** A server that answers is well: what could be ill lives in the same process. */
export function health(path: string, query: URLSearchParams): ApiResponse {
  const [, name = '', ...check] = path.split('/');
  if (check.length > 0) return textResponse(CHECKS.includes(check.join('/')) ? 200 : 404, 'ok');
  if (!query.has('verbose')) return textResponse(200, 'ok');
  const lines = CHECKS.map((one) => `[+]${one} ok`);
  return textResponse(200, `${[...lines, `${name} check passed`].join('\n')}\n`);
}
