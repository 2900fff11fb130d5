import { Problem, messageOf } from '#common/base/errors';
import type { ApplyOutcome } from '#common/contract/objects';
import { type ApiStatusError, isConflict, isForbidden, isInvalid, isNotFound } from '#common/kube/status-error';

/** One thing the server did not like, at the field it names. */
export interface FieldCause {
  field: string;
  message: string;
}

/** What the server said to an edit, as far as a person has to do something different about it. */
export type ServerAnswer =
  | { kind: 'accepted'; outcome: ApplyOutcome['outcome']; warnings: string[] }
  /** Some fields are wrong; each is named. */
  | { kind: 'invalid'; message: string; causes: FieldCause[] }
  /** Someone else has changed the object since editing began. */
  | { kind: 'conflict'; message: string }
  | { kind: 'gone'; message: string }
  | { kind: 'forbidden'; message: string }
  | { kind: 'failed'; message: string; nextStep?: string; details?: string };

export function answerOf(outcome: ApplyOutcome): ServerAnswer {
  const { warnings, message = '' } = outcome;
  return outcome.outcome === 'failed' ? fromMessage(message) : { kind: 'accepted', outcome: outcome.outcome, warnings };
}

/** What was thrown instead of an outcome: a Status of the server, a Problem of the program, or anything else. */
export function answerOfFailure(failure: unknown): ServerAnswer {
  const message = messageOf(failure);
  if (isInvalid(failure)) return { kind: 'invalid', message, causes: causesOf(failure) };
  if (isConflict(failure)) return { kind: 'conflict', message };
  if (isNotFound(failure)) return { kind: 'gone', message };
  if (isForbidden(failure)) return { kind: 'forbidden', message };
  if (!(failure instanceof Problem)) return fromMessage(message);
  const { nextStep, details } = failure;
  return { kind: 'failed', message, ...(nextStep ? { nextStep } : {}), ...(details ? { details } : {}) };
}

function causesOf({ status, message }: ApiStatusError): FieldCause[] {
  const causes = status.details?.causes ?? [];
  if (causes.length === 0) return causesIn(message);
  return causes.map((cause) => ({ field: cause.field ?? '', message: cause.message ?? cause.reason ?? '' }));
}

function fromMessage(message: string): ServerAnswer {
  if (/the object has been modified|please apply your changes to the latest version/.test(message)) {
    return { kind: 'conflict', message };
  }
  if (/^\S+ "[^"]*" is invalid: /.test(message)) return { kind: 'invalid', message, causes: causesIn(message) };
  if (/ is forbidden: /.test(message)) return { kind: 'forbidden', message };
  if (message.endsWith('" not found')) return { kind: 'gone', message };
  return { kind: 'failed', message };
}

/** The kinds of field errors as apimachinery's field.ErrorType writes them. */
const FIELD_ERROR =
  /([A-Za-z][\w.-]*(?:\[[^\]]*\]|\.[\w-]+)*): ((?:Invalid value|Required value|Forbidden|Unsupported value|Not found|Duplicate value|Too long|Too many|Too few|Internal error|must )[\s\S]*?)(?=, [A-Za-z][\w.-]*(?:\[[^\]]*\]|\.[\w-]+)*: (?:Invalid|Required|Forbidden|Unsupported|Not found|Duplicate|Too |Internal)|\]?$)/g;

/** Fields and messages out of `Deployment.apps "web" is invalid: [spec.a: Required value, spec.b: Invalid value: -1: …]`. */
export function causesIn(message: string): FieldCause[] {
  const list = message.replace(/^\S+ "[^"]*" is invalid: /, '').replace(/^\[([\s\S]*)\]$/, '$1');
  return [...list.matchAll(FIELD_ERROR)].map(([, field = '', text = '']) => ({ field, message: text }));
}
