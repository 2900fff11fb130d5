/** admission.k8s.io/v1 AdmissionReview: the question and the answer. */
import { randomUUID } from 'node:crypto';
import { failure, type ApiStatusError, type Status } from '#common/kube/status-error';
import type { AdmissionRequest } from '../plugin';
import { requestValue } from '../policy/policy-scope';

export interface ReviewAnswer {
  allowed: boolean;
  /** RFC 6902 operations. */
  patch?: unknown;
  warnings: string[];
  status?: Partial<Status> | undefined;
}

export function reviewOf(request: AdmissionRequest) {
  return {
    kind: 'AdmissionReview',
    apiVersion: 'admission.k8s.io/v1',
    request: {
      uid: randomUUID(),
      ...requestValue(request),
      object: request.object ?? null,
      oldObject: request.oldObject ?? null,
    },
  };
}

interface Response {
  uid?: string;
  allowed?: boolean;
  patch?: string;
  patchType?: string;
  warnings?: string[];
  status?: Partial<Status>;
}

/** Throws Error for an answer that is none. */
export function answerOf(review: unknown, uid: string): ReviewAnswer {
  const { response } = (review ?? {}) as { response?: Response };
  if (!response) throw new Error('webhook response was absent');
  if (response.uid !== uid)
    throw new Error(`expected response.uid=${JSON.stringify(uid)}, got ${JSON.stringify(response.uid ?? '')}`);
  const { allowed = false, patch, patchType, warnings = [], status } = response;
  if (patch && patchType !== 'JSONPatch') throw new Error(`unsupported patch type ${JSON.stringify(patchType ?? '')}`);
  const decoded = patch ? { patch: JSON.parse(Buffer.from(patch, 'base64').toString()) as unknown } : {};
  return { allowed, warnings, status, ...decoded };
}

export function deniedBy(name: string, { code = 0, reason, message, details }: Partial<Status> = {}): ApiStatusError {
  const why = message || reason;
  const subject = `admission webhook ${JSON.stringify(name)} denied the request`;
  // A refusal is never told as a success.
  return failure(
    code < 400 ? 400 : code,
    reason ?? '',
    why ? `${subject}: ${why}` : `${subject} without explanation`,
    details,
  );
}
