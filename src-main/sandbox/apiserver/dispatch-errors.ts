import { failure } from '#common/kube/status-error';

export function notServed() {
  return failure(404, 'NotFound', 'the server could not find the requested resource', {});
}

export function methodNotAllowed() {
  return failure(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource', {});
}
