/**
 * A failure a person can act on: what went wrong, in one sentence that names the cause, and what to do next.
 * `code` is stable and machine-readable (`port-in-use`, `context-dangling`); `details` is for "Copy details".
 */
export class Problem extends Error {
  readonly code: string;
  readonly nextStep: string | undefined;
  readonly details: string | undefined;

  constructor(code: string, message: string, options: { nextStep?: string; details?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'Problem';
    this.code = code;
    this.nextStep = options.nextStep;
    this.details = options.details;
  }
}

/** The message of anything that was thrown. */
export function messageOf(failure: unknown): string {
  return failure instanceof Error ? failure.message : String(failure);
}

/** True for the reason an AbortSignal rejects with. */
export function isAbort(failure: unknown): boolean {
  return failure instanceof Error && (failure.name === 'AbortError' || failure.name === 'ScopeClosed');
}
