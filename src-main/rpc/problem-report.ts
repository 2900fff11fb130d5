import type { Problem } from '#common/base/errors';
import type { ProblemReport } from '#common/contract/shapes';

/** A Problem as data. */
export function problemReport({ code, message, nextStep, details }: Problem): ProblemReport {
  return { code, message, ...(nextStep ? { nextStep } : {}), ...(details ? { details } : {}) };
}
