import { ApiStatusError, type Status, type StatusDetails } from '#common/kube/status-error';
import type { CarrierRequest, CarrierResponse } from './carrier';

/** Longest part of a foreign answer that is kept in the error. */
const MAX_FOREIGN_TEXT = 2048;

/** The refusal in `response` as the error it stands for, whatever its body is. */
export async function statusErrorOf(request: StatusRequest, response: CarrierResponse): Promise<ApiStatusError> {
  const body = await readBody(response);
  if (isStatus(body)) return new ApiStatusError({ ...body, code: body.code ?? response.status });
  return new ApiStatusError(genericStatus(request, response, typeof body === 'string' ? body : JSON.stringify(body)));
}

export type StatusRequest = Pick<CarrierRequest, 'method' | 'path'>;

export function isStatus(value: unknown): value is Status {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'Status';
}

async function readBody(response: CarrierResponse): Promise<unknown> {
  const type = response.headers['content-type'] ?? 'application/json';
  if (!type.includes('json')) return readText(response);
  try {
    return await response.json();
  } catch {
    // Announced as JSON and is not: the code alone has to speak, as with an empty body.
    return '';
  }
}

async function readText(response: CarrierResponse): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of response.chunks()) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length > MAX_FOREIGN_TEXT) break;
  }
  return text.slice(0, MAX_FOREIGN_TEXT).trim();
}

/** What a code means when no Status came with it; reasons and sentences are client-go's (api/errors NewGenericServerResponse). */
const generic: Readonly<Record<number, { reason: string; message?: string }>> = {
  400: { reason: 'BadRequest', message: 'the server rejected our request for an unknown reason' },
  401: { reason: 'Unauthorized', message: 'the server has asked for the client to provide credentials' },
  403: { reason: 'Forbidden' },
  404: { reason: 'NotFound', message: 'the server could not find the requested resource' },
  405: { reason: 'MethodNotAllowed', message: 'the server does not allow this method on the requested resource' },
  406: { reason: 'NotAcceptable' },
  409: { reason: 'Conflict', message: 'the server reported a conflict' },
  415: { reason: 'UnsupportedMediaType' },
  422: { reason: 'Invalid', message: 'the server rejected our request due to an error in our request' },
  429: {
    reason: 'TooManyRequests',
    message: 'the server has received too many requests and has asked us to try again later',
  },
  503: { reason: 'ServiceUnavailable', message: 'the server is currently unable to handle the request' },
  504: {
    reason: 'Timeout',
    message: 'the server was unable to return a response in the time allotted, but may still be processing the request',
  },
};

function genericStatus(request: StatusRequest, response: CarrierResponse, text: string): Status {
  const { status: code } = response;
  const { reason, message } = meaningOf(request, code, text);
  const details: StatusDetails = {};
  if (text) details.causes = [{ reason: 'UnexpectedServerResponse', message: text }];
  const seconds = retryAfterSeconds(response);
  if (seconds !== undefined) details.retryAfterSeconds = seconds;
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, details, code };
}

function meaningOf(request: StatusRequest, code: number, text: string): { reason: string; message: string } {
  if (code === 409 && request.method === 'POST') {
    return { reason: 'AlreadyExists', message: 'the server reported a conflict' };
  }
  const known = generic[code];
  // 403, 406 and 415 say in their text who may not do what; nothing general is worth more.
  if (known) return { reason: known.reason, message: known.message ?? (text || 'unknown') };
  if (code >= 500) {
    const quoted = JSON.stringify(text || 'unknown');
    return {
      reason: 'InternalError',
      message: `an error on the server (${quoted}) has prevented the request from succeeding`,
    };
  }
  return {
    reason: 'Unknown',
    message: `the server responded with the status code ${code} but did not return more information`,
  };
}

/** The whole seconds of a Retry-After header; dates are not used by API servers. */
export function retryAfterSeconds({ headers }: Pick<CarrierResponse, 'headers'>): number | undefined {
  const value = headers['retry-after']?.trim();
  return value && /^\d+$/.test(value) ? Number(value) : undefined;
}
