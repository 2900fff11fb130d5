/** The rules of `resourceVersion`, `limit` and `continue` of LIST and WATCH, and the tokens that pages hang together by. */
import { failure, unforeseen, type ApiStatusError } from '#common/kube/status-error';
import { forbiddenField, notSupported, type FieldError } from '#main/sandbox/registry/field-errors';
import { badRequest, invalid } from '#main/sandbox/registry/status-errors';
import { syntaxErrorOf } from '#main/sandbox/codec/json-scan';
import { isTrue } from './request-info';

export interface ListOptions {
  /** 0 for all. */
  limit: number;
  continueToken: ContinueToken | undefined;
  /** Undefined when none was given. */
  revision: number | undefined;
  match: string;
  sendInitialEvents: boolean | undefined;
  allowBookmarks: boolean;
  timeoutSeconds: number | undefined;
}

export interface ContinueToken {
  /** -1: whatever is there now. */
  revision: number;
  /** The first key of the page. */
  start: string;
}

/** Throws Invalid (422) and BadRequest (400) as apimachinery's ValidateListOptions does. */
export function listOptions(query: URLSearchParams, isWatch: boolean): ListOptions {
  const options: ListOptions = {
    limit: wholeNumber(query, 'limit') ?? 0,
    continueToken: continueToken(query.get('continue')),
    revision: revisionOf(query.get('resourceVersion'), isWatch),
    match: query.get('resourceVersionMatch') ?? '',
    sendInitialEvents: query.has('sendInitialEvents') ? isTrue(query.get('sendInitialEvents')) : undefined,
    allowBookmarks: isTrue(query.get('allowWatchBookmarks')),
    timeoutSeconds: wholeNumber(query, 'timeoutSeconds'),
  };
  const errors = isWatch ? watchErrors(options) : listErrors(options, query);
  if (errors.length > 0) throw invalid({ group: 'meta.k8s.io', kind: 'ListOptions' }, '', errors);
  return options;
}

/** A list calls a bad revision a bad request; a watch fails with it. */
function revisionOf(text: string | null, isWatch: boolean): number | undefined {
  if (text === null || text === '') return undefined;
  if (/^[0-9]+$/.test(text)) return Number(text);
  const syntax = `strconv.ParseUint: parsing ${JSON.stringify(text)}: invalid syntax`;
  const message = `resourceVersion: Invalid value: ${JSON.stringify(text)}: ${syntax}`;
  throw isWatch ? unforeseen(message) : badRequest(`invalid resource version: ${message}`);
}

function wholeNumber(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (!text) return undefined;
  if (!/^-?[0-9]+$/.test(text)) throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`);
  return Number(text);
}

const MATCHES = ['', 'Exact', 'NotOlderThan'];

function watchErrors({ match, sendInitialEvents, revision, allowBookmarks }: ListOptions): FieldError[] {
  const errors: FieldError[] = [];
  if (sendInitialEvents === undefined) {
    if (match)
      errors.push(
        forbiddenField(
          'resourceVersionMatch',
          'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided',
        ),
      );
    return errors;
  }
  if (match !== 'NotOlderThan') {
    errors.push(
      match
        ? notSupported('resourceVersionMatch', match, ['NotOlderThan'])
        : forbiddenField(
            'resourceVersionMatch',
            'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan',
          ),
    );
  }
  if (sendInitialEvents && !allowBookmarks && revision === undefined) return errors;
  return errors;
}

function listErrors(
  { match, revision, continueToken, sendInitialEvents }: ListOptions,
  query: URLSearchParams,
): FieldError[] {
  const errors: FieldError[] = [];
  if (sendInitialEvents !== undefined) {
    errors.push(forbiddenField('sendInitialEvents', 'sendInitialEvents is forbidden for list'));
  }
  if (continueToken && revision !== undefined && query.get('resourceVersion') !== '0') {
    throw badRequest('specifying resource version is not allowed when using continue');
  }
  if (!match) return errors;
  if (!MATCHES.includes(match)) errors.push(notSupported('resourceVersionMatch', match, ['Exact', 'NotOlderThan', '']));
  if (revision === undefined) {
    errors.push(
      forbiddenField('resourceVersionMatch', 'resourceVersionMatch is forbidden unless resourceVersion is provided'),
    );
  }
  if (continueToken) {
    errors.push(forbiddenField('resourceVersionMatch', 'resourceVersionMatch is forbidden when continue is provided'));
  }
  if (match === 'Exact' && revision === 0) {
    errors.push(
      forbiddenField('resourceVersionMatch', 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"'),
    );
  }
  return errors;
}

const TOKEN_VERSION = 'meta.k8s.io/v1';

/** The token for the page behind `lastKey`. */
export function encodeContinue(revision: number, lastKey: string): string {
  return Buffer.from(JSON.stringify({ v: TOKEN_VERSION, rv: revision, start: `${lastKey}\0` })).toString('base64url');
}

function continueToken(text: string | null): ContinueToken | undefined {
  if (!text) return undefined;
  const { v, rv, start } = tokenFields(text);
  if (v !== TOKEN_VERSION) throw invalidToken(`: server does not recognize this encoded version ${String(v ?? '')}`);
  if (typeof rv !== 'number' || rv === 0) {
    throw invalidToken(': incorrect encoded start resourceVersion (version meta.k8s.io/v1)');
  }
  if (typeof start !== 'string' || start === '') {
    throw invalidToken(': encoded start key empty (version meta.k8s.io/v1)');
  }
  return { revision: rv, start };
}

function tokenFields(text: string): Record<string, unknown> {
  const stranger = /[^\w-]/.exec(text);
  if (stranger) throw invalidToken(`: illegal base64 data at input byte ${stranger.index}`);
  const bytes = Buffer.from(text, 'base64url');
  try {
    return JSON.parse(bytes.toString('utf8')) as Record<string, unknown>;
  } catch {
    throw invalidToken(`: ${syntaxErrorOf(bytes.toString('latin1'))}`);
  }
}

function invalidToken(why: string): ApiStatusError {
  return badRequest(`invalid continue token: continue key is not valid${why}`);
}

/** 410 for a page whose revision is gone; the client may go on with an inconsistent rest. */
export function expiredPage(start: string): ApiStatusError {
  const error = failure(
    410,
    'Expired',
    'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.',
  );
  const token = Buffer.from(JSON.stringify({ v: TOKEN_VERSION, rv: -1, start })).toString('base64url');
  error.status.metadata = { continue: token };
  return error;
}

/** 410 for a revision that is no longer held. */
export function expiredRevision(asked: number, oldest: number): ApiStatusError {
  return failure(410, 'Expired', `too old resource version: ${asked} (${oldest})`);
}

/** 504 for a revision that has not been reached: the client has seen another server's future. */
export function futureRevision(asked: number, current: number): ApiStatusError {
  return failure(504, 'Timeout', `Timeout: Too large resource version: ${asked}, current: ${current}`, {
    causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
    retryAfterSeconds: 1,
  });
}
