import { DurationProblem, parseDuration } from '#common/kube/duration';
import { failure } from '#common/kube/status-error';
import { badRequest } from '#main/sandbox/registry/status-errors';
import type { ApiResponse } from '../api-request';
import type { Filter } from '../chain';
import { isLongRunning } from '../request-info';

/** A minute is what every request gets; who asks for more gets no more. */
const LONGEST_MS = 60_000;

/** `?timeout=5s`: an answer that is not there by then is given up. */
export const deadline: Filter = (exchange, next) => {
  const asked = exchange.request.query.get('timeout');
  if (!asked || isLongRunning(exchange.info)) return next();
  const limitMs = nanosOf(asked) / 1e6;
  return limitMs > 0 && limitMs < LONGEST_MS ? inTime(next, exchange.server.wallClock, limitMs) : next();
};

function nanosOf(timeout: string): number {
  try {
    return parseDuration(timeout);
  } catch (problem) {
    if (!(problem instanceof DurationProblem)) throw problem;
    throw badRequest(`invalid timeout specified in the request URL - ${problem.message}`);
  }
}

function inTime(
  next: () => Promise<ApiResponse>,
  clock: Parameters<Filter>[0]['server']['wallClock'],
  limitMs: number,
): Promise<ApiResponse> {
  return new Promise((resolve, reject) => {
    const timer = clock.after(limitMs, () => {
      const message = 'request did not complete within requested timeout - context deadline exceeded';
      reject(failure(504, 'Timeout', message, {}));
    });
    void next()
      .then(resolve, reject)
      .finally(() => timer[Symbol.dispose]());
  });
}
