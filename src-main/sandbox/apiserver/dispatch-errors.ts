import { failure } from '#common/kube/status-error';
import type { ApiResponse } from './api-request';
import { textResponse } from './bodies';

export function notServed() {
  return failure(404, 'NotFound', 'the server could not find the requested resource', {});
}

/** What a path gets that no handler waits for: plain words, as Go's mux says them. */
export function pageNotFound(): ApiResponse {
  return textResponse(404, '404 page not found\n');
}

export function methodNotAllowed() {
  return failure(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource', {});
}
