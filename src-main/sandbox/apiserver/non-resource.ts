/** Paths that are not about one resource: health, version, discovery, OpenAPI, keys, metrics. */
import { failure } from '#common/kube/status-error';
import type { ApiResponse } from './api-request';
import { jsonBody, jsonResponse, textResponse } from './bodies';
import { discovery } from './discovery/discovery';
import { groupsInOrder } from './discovery/group-order';
import { methodNotAllowed, pageNotFound } from './dispatch-errors';
import type { Exchange } from './exchange';
import { health } from './health';
import { openApi } from './openapi-endpoint';
import { openApiV2 } from './openapi-v2-endpoint';
import { ISSUER } from '#main/sandbox/authn/token';
import { PROMETHEUS_TYPE } from '#main/base/prometheus-text';
import { isSchedulingPath, schedulingAttempts } from './scheduling-attempts';
import { serverMetricsText } from './server-metrics';
import { VERSION_INFO } from './version';

export async function nonResource(exchange: Exchange): Promise<ApiResponse> {
  const { request, info, server } = exchange;
  if (request.method !== 'GET' && request.method !== 'HEAD') throw methodNotAllowed();
  const path = info.path.replace(/\/+$/, '') || '/';
  if (/^\/(healthz|livez|readyz)(\/|$)/.test(path)) return health(path, request.query);
  if (path === '/api' || path === '/apis' || info.prefix !== '') return discovery(exchange, path);
  if (path === '/openapi/v2') return openApiV2(exchange);
  if (path === '/openapi/v3' || path.startsWith('/openapi/')) return openApi(exchange, path);
  if (isSchedulingPath(path)) return schedulingAttempts(exchange, path);
  switch (path) {
    case '/':
      return indentedResponse({ paths: rootPaths(exchange) });
    case '/version':
      return indentedResponse(VERSION_INFO);
    case '/metrics':
      return textResponse(200, serverMetricsText(server), { 'content-type': PROMETHEUS_TYPE });
    case '/openid/v1/jwks':
      return keyDocument(exchange, 'application/jwk-set+json', server.tokens.jwks());
    case '/.well-known/openid-configuration':
      return keyDocument(exchange, 'application/json', openIdConfiguration());
    default:
      return pageNotFound();
  }
}

/** As real servers write what is for people first. */
function indentedResponse(value: object): ApiResponse {
  return { ...jsonResponse(200, value), body: jsonBody(value, 2) };
}

function rootPaths({ server }: Exchange): string[] {
  const groups = groupsInOrder(server.catalogue, server.aggregator.listing).flatMap(({ group, versions }) =>
    group === '' ? [] : [`/apis/${group}`, ...versions.map((version) => `/apis/${group}/${version}`)],
  );
  const others = [
    '/healthz',
    '/livez',
    '/metrics',
    '/openapi/v2',
    '/openapi/v3',
    '/openid/v1/jwks',
    '/readyz',
    '/version',
  ];
  return ['/.well-known/openid-configuration', '/api', '/api/v1', '/apis', ...groups.sort(), ...others];
}

/** Each has one form, which clients have to take. */
function keyDocument({ request }: Exchange, type: string, document: object): ApiResponse {
  const taken = (request.headers['accept'] ?? '*/*').split(',').map((clause) => clause.split(';')[0]?.trim());
  if (taken.some((one) => one === type || one === '*/*' || one === 'application/*')) {
    return jsonResponse(200, document, { 'content-type': type });
  }
  throw failure(406, 'NotAcceptable', `406: Not Acceptable\n\nAvailable representations: ${type}`, {});
}

function openIdConfiguration(): object {
  return {
    issuer: ISSUER,
    jwks_uri: 'https://kubernetes.default.svc/openid/v1/jwks',
    response_types_supported: ['id_token'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['ES256'],
  };
}
