import { groupResource } from '#common/kube/resource';
import { failure, type ApiStatusError } from '#common/kube/status-error';
import type { AdmissionRequest } from './plugin';

/** 403 in the words of apiserver's admission errors. */
export function refused({ group, plural, name }: AdmissionRequest, why: string): ApiStatusError {
  const resource = groupResource({ group, plural });
  const subject = name ? `${resource} "${name}"` : resource;
  return failure(403, 'Forbidden', `${subject} is forbidden: ${why}`, {
    ...(name ? { name } : {}),
    ...(group ? { group } : {}),
    kind: plural,
  });
}

/** Several reasons as Go's aggregate of errors writes them; empty for none. */
export function aggregate(reasons: readonly string[]): string {
  const different = [...new Set(reasons)];
  return different.length > 1 ? `[${different.join(', ')}]` : (different[0] ?? '');
}
