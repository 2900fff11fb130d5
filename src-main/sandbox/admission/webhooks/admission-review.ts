/** admission.k8s.io AdmissionReview: the question and the answer. */
import { randomUUID } from 'node:crypto';
import { ApiStatusError, type Status } from '#common/kube/status-error';
import type { AdmissionRequest } from '../plugin';
import { requestValue } from '../policy/policy-scope';

const GROUP = 'admission.k8s.io';
const KIND = 'AdmissionReview';
/** Versions that are spoken; a webhook's own order decides. */
const VERSIONS = ['v1', 'v1beta1'];

export interface ReviewAnswer {
  allowed: boolean;
  /** RFC 6902 operations as text. */
  patch?: string;
  patchType?: string;
  warnings: string[];
  status?: Partial<Status> | undefined;
}

export interface Review {
  kind: string;
  apiVersion: string;
  request: { uid: string };
}

export function reviewOf(request: AdmissionRequest, accepted: readonly string[]): Review {
  const version = accepted.find((one) => VERSIONS.includes(one));
  if (!version) {
    const why = `webhook does not accept known AdmissionReview versions (${VERSIONS.join(', ')})`;
    throw new Error(`could not create admission objects: ${why}`);
  }
  return {
    kind: KIND,
    apiVersion: `${GROUP}/${version}`,
    request: {
      uid: randomUUID(),
      ...requestValue(request),
      object: request.object ?? null,
      oldObject: request.oldObject ?? null,
    } as Review['request'],
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

/** Throws Error for an answer that is none, with the words of apiserver. */
export function answerOf(review: unknown, asked: Review, mayPatch: boolean): ReviewAnswer {
  const {
    apiVersion = '',
    kind = '',
    response,
  } = (review ?? {}) as { apiVersion?: string; kind?: string; response?: Response };
  checkKind(apiVersion, kind);
  const invalid = (why: string) => new Error(`received invalid webhook response: ${why}`);
  if (!response) throw invalid('webhook response was absent');
  const { uid = '', allowed = false, patch = '', patchType, warnings = [], status } = response;
  if (asked.apiVersion === `${GROUP}/v1`) {
    const wanted = asked.request.uid;
    if (uid !== wanted) throw invalid(`expected response.uid=${JSON.stringify(wanted)}, got ${JSON.stringify(uid)}`);
    if (apiVersion !== asked.apiVersion || kind !== KIND) throw invalid(otherKind(apiVersion, kind));
    const why = mayPatch ? patchProblem(patch, patchType) : judgeProblem(patch, patchType);
    if (why) throw invalid(why);
  }
  const change = patch && mayPatch ? { patch: Buffer.from(patch, 'base64').toString(), patchType } : {};
  return { allowed, warnings, status, ...change } as ReviewAnswer;
}

/** What the reader of reviews knows; an answer without a kind is taken for what was asked. */
function checkKind(apiVersion: string, kind: string): void {
  if (!kind || !apiVersion || (kind === KIND && VERSIONS.some((one) => apiVersion === `${GROUP}/${one}`))) return;
  const words = `no kind ${JSON.stringify(kind)} is registered for version ${JSON.stringify(apiVersion)}`;
  throw new Error(`failed to call webhook: ${words} in scheme "pkg/runtime/scheme.go:111"`);
}

function otherKind(apiVersion: string, kind: string): string {
  const [version = '', group = ''] = apiVersion.split('/').reverse();
  return `expected webhook response of ${GROUP}/v1, Kind=${KIND}, got ${group}/${version}, Kind=${kind}`;
}

function patchProblem(patch: string, type: string | undefined): string | undefined {
  if (patch && type === undefined) return 'webhook returned response.patch but not response.patchType';
  if (!patch && type !== undefined) return 'webhook returned response.patchType but not response.patch';
  return type === '' ? 'webhook returned invalid response.patchType of ""' : undefined;
}

function judgeProblem(patch: string, type: string | undefined): string | undefined {
  if (patch) return 'validating webhook may not return response.patch';
  return type === undefined ? undefined : 'validating webhook may not return response.patchType';
}

export function deniedBy(name: string, status: Partial<Status> = {}): ApiStatusError {
  const { code = 0, reason, message, details } = status;
  const why = message || reason;
  const subject = `admission webhook ${JSON.stringify(name)} denied the request`;
  return new ApiStatusError({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: why ? `${subject}: ${why}` : `${subject} without explanation`,
    ...(reason ? { reason } : {}),
    ...(details ? { details } : {}),
    // A refusal is never told as a success.
    code: code < 400 ? 400 : code,
  } as Status);
}
