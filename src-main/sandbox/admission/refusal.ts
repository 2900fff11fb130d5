import type { AnyObject } from '#common/kube/object';
import { groupResource } from '#common/kube/resource';
import { failure, type ApiStatusError, type StatusCause } from '#common/kube/status-error';
import type { AdmissionRequest } from './plugin';

/** 403 in the words of apiserver's admission errors. */
export function refused(request: AdmissionRequest, why: string, causes?: StatusCause[]): ApiStatusError {
  const { group, plural } = request;
  const name = subjectName(request);
  return failure(403, 'Forbidden', `${groupResource({ group, plural })} "${name}" is forbidden: ${why}`, {
    name,
    ...(group ? { group } : {}),
    kind: plural,
    ...(causes ? { causes } : {}),
  });
}

/** 500 in the words of apiserver's internal errors. */
export function internalError(message: string): ApiStatusError {
  return failure(500, 'InternalError', `Internal error occurred: ${message}`, { causes: [{ message }] });
}

/** Before an object has its name, what the name will begin with stands in its place. */
export function subjectName({ name, object }: AdmissionRequest): string {
  const metadata = (object as Partial<AnyObject> | undefined)?.metadata;
  return name || metadata?.name || metadata?.generateName || 'Unknown';
}

/** Several reasons as Go's aggregate of errors writes them; empty for none. */
export function aggregate(reasons: readonly string[]): string {
  const different = [...new Set(reasons)];
  return different.length > 1 ? `[${different.join(', ')}]` : (different[0] ?? '');
}
