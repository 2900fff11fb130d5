import type { Problem } from '../base/errors';
import type { ProblemReport } from './shapes';

/** A Problem as data. */
export function problemReport({ code, message, nextStep, details }: Problem): ProblemReport {
  return { code, message, ...(nextStep ? { nextStep } : {}), ...(details ? { details } : {}) };
}
