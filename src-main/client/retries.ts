import { sleep, type Clock } from '#common/base/clock';
import type { CarrierRequest, CarrierResponse } from './carrier';
import { retryAfterSeconds } from './status-of-response';

/** client-go gives a request ten more tries (rest/with_retry.go). */
const MAX_RETRIES = 10;
/** A longer wait than this is the person's to decide on, not ours. */
const MAX_WAIT_SECONDS = 30;

/** Sends `request`, and again after the time the server asks for, while it answers 429 or 5xx with Retry-After. */
export async function sendWithRetries(
  send: (request: CarrierRequest) => Promise<CarrierResponse>,
  request: CarrierRequest,
  clock: Clock,
): Promise<CarrierResponse> {
  for (let retries = 0; ; retries++) {
    const response = await send(request);
    const waitSeconds = waitBeforeRetry(response, retries);
    if (waitSeconds === undefined) return response;
    await discard(response);
    await sleep(clock, waitSeconds * 1000, request.signal);
  }
}

/** Seconds until the next try, or nothing when this answer is the last word. */
export function waitBeforeRetry(
  response: Pick<CarrierResponse, 'status' | 'headers'>,
  retries: number,
): number | undefined {
  if (response.status !== 429 && response.status < 500) return undefined;
  const seconds = retryAfterSeconds(response);
  if (seconds === undefined || seconds > MAX_WAIT_SECONDS || retries >= MAX_RETRIES) return undefined;
  return seconds;
}

/** Reads an answer to its end, so that its connection can be used again. */
async function discard(response: CarrierResponse): Promise<void> {
  const type = response.headers['content-type'] ?? 'application/json';
  try {
    if (type.includes('json')) await response.json();
    else for await (const _ of response.chunks()) continue;
  } catch {
    // A body that cannot be read says nothing more than the status did.
  }
}
