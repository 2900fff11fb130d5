import { ApiStatusError, failure } from '#common/kube/status-error';
import { isAbort, messageOf, Problem } from '#common/base/errors';
import type { ApiResponse } from '../api-request';
import { statusResponse } from '../bodies';
import type { Filter } from '../chain';

/** The one place where refusals and failures become answers. */
export const recover: Filter = async (_exchange, next) => {
  try {
    return await next();
  } catch (problem) {
    return errorResponse(problem);
  }
};

export function errorResponse(problem: unknown): ApiResponse {
  const error = problem instanceof ApiStatusError ? problem : unexpected(problem);
  const response = statusResponse(error.status);
  const seconds = error.status.details?.retryAfterSeconds;
  if (seconds !== undefined) response.headers['retry-after'] = String(seconds);
  return response;
}

function unexpected(problem: unknown): ApiStatusError {
  if (isTooDeep(problem))
    return failure(400, 'BadRequest', 'the body of the request could not be read: exceeded max depth');
  if (isAbort(problem)) return failure(499, 'ClientClosedRequest', 'the client went away');
  const text = problem instanceof Problem ? problem.message : stackOf(problem);
  return failure(500, 'InternalError', `Internal error occurred: ${text}`, {
    causes: [{ message: messageOf(problem) }],
  });
}

/** Bodies are walked by recursion: one that is nested without end runs out of stack, before anything is stored. */
function isTooDeep(problem: unknown): boolean {
  return problem instanceof RangeError && problem.message.startsWith('Maximum call stack');
}

/** A failure that nobody foresaw is told with its place: there is no log file a person would find it in. */
function stackOf(problem: unknown): string {
  if (!(problem instanceof Error)) return String(problem);
  const [, place = ''] = (problem.stack ?? '').split('\n');
  return `${problem.message} (${place.trim().replace(/\(?\S*\/(?=[^/]+$)/, '(')})`;
}
