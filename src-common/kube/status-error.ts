/** meta/v1 Status, the body of every refusal of an API server. */
export interface Status {
  kind: 'Status';
  apiVersion: 'v1';
  metadata: Record<string, never> | { continue?: string };
  status: 'Success' | 'Failure';
  message?: string;
  reason?: string;
  details?: StatusDetails;
  code?: number;
}

export interface StatusDetails {
  name?: string;
  group?: string;
  kind?: string;
  uid?: string;
  causes?: StatusCause[];
  retryAfterSeconds?: number;
}

export interface StatusCause {
  reason?: string;
  message?: string;
  field?: string;
}

/** Wraps a Kubernetes Status: the only error that crosses the wire between a server and its clients. */
export class ApiStatusError extends Error {
  readonly status: Status;

  constructor(status: Status) {
    super(status.message ?? status.reason ?? 'request failed');
    this.name = 'ApiStatusError';
    this.status = status;
  }

  get code(): number {
    return this.status.code ?? 500;
  }

  get reason(): string {
    return this.status.reason ?? '';
  }
}

/** A failure Status. `code` is the HTTP status, `reason` the metav1.StatusReason. */
export function failure(code: number, reason: string, message: string, details?: StatusDetails): ApiStatusError {
  return new ApiStatusError({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message,
    reason,
    ...(details ? { details } : {}),
    code,
  });
}

/** 500: what a server did not foresee, with the bare message and without a reason. */
export function unforeseen(message: string): ApiStatusError {
  return new ApiStatusError({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, code: 500 });
}

const withReason =
  (reason: string) =>
  (error: unknown): error is ApiStatusError =>
    error instanceof ApiStatusError && error.reason === reason;

export const isNotFound = withReason('NotFound');
export const isConflict = withReason('Conflict');
export const isAlreadyExists = withReason('AlreadyExists');
export const isForbidden = withReason('Forbidden');
export const isInvalid = withReason('Invalid');
export const isUnauthorized = withReason('Unauthorized');

/** The server no longer holds the revision: 410 with reason Expired or Gone. */
export function isExpired(error: unknown): error is ApiStatusError {
  return error instanceof ApiStatusError && error.code === 410;
}

/** True for the refusal to make something in a namespace that is on its way out: it is no use to try again. */
export function isNamespaceTerminating(error: unknown): error is ApiStatusError {
  return (
    isForbidden(error) &&
    (error.status.details?.causes?.some(({ reason }) => reason === 'NamespaceTerminating') ?? false)
  );
}
