/** The rules of CertificateSigningRequests, with the texts of certificates' validation. */
import { X509Certificate } from 'node:crypto';
import { messageOf } from '#common/base/errors';
import type { CertificateSigningRequest, CertificateSigningRequestCondition } from '#common/kube/types';
import { parseSigningRequest } from '#main/base/x509/signing-request';
import { CERTIFICATE_USAGES } from '#main/base/x509/sign-request';
import { sameValue } from '#main/sandbox/machinery/same-value';
import {
  duplicateValue,
  forbiddenField,
  invalidValue,
  must,
  notSupported,
  required,
  tooLong,
  type FieldError,
} from '../field-errors';
import { dnsLabel, dnsSubdomain } from '../names';

type Condition = CertificateSigningRequestCondition;

const LEGACY = 'kubernetes.io/legacy-unknown';
const SHORTEST_SECONDS = 600;
const LONGEST_DOMAIN = 253;
/** These are never taken back. */
const LASTING = ['Approved', 'Denied', 'Failed'];
const DECISIONS = ['Approved', 'Denied'];

/** What the door lets in. */
export interface Allowed {
  decisions?: boolean;
  certificate?: boolean;
}

export function signingRequestErrors(
  next: CertificateSigningRequest,
  current?: CertificateSigningRequest,
): FieldError[] {
  const { spec, status } = next;
  const isSameCertificate = current !== undefined && status?.certificate === current.status?.certificate;
  return [
    ...requestErrors(spec.request),
    ...usageErrors(spec.usages ?? []),
    ...signerErrors(spec.signerName, current?.spec.signerName),
    ...must((spec.expirationSeconds ?? SHORTEST_SECONDS) >= SHORTEST_SECONDS, () =>
      invalidValue(
        'spec.expirationSeconds',
        spec.expirationSeconds,
        'may not specify a duration less than 600 seconds (10 minutes)',
      ),
    ),
    ...conditionErrors(status?.conditions ?? [], current?.status?.conditions ?? []),
    ...(isSameCertificate ? [] : certificateErrors(status?.certificate)),
  ];
}

export function signingRequestUpdateErrors(
  next: CertificateSigningRequest,
  current: CertificateSigningRequest,
  allowed: Allowed,
): FieldError[] {
  const path = 'status.conditions';
  const [now, before] = [next.status?.conditions ?? [], current.status?.conditions ?? []];
  const of = (conditions: readonly Condition[], type: string) => conditions.filter((one) => one.type === type);
  const removed = LASTING.filter((type) => of(now, type).length < of(before, type).length);
  const changed = allowed.decisions ? [] : DECISIONS.filter((type) => !removed.includes(type));
  return [
    ...signingRequestErrors(next, current),
    ...removed.map((type) => forbiddenField(path, `updates may not remove a condition of type "${type}"`)),
    ...changed.flatMap((type) => {
      const [mine, theirs] = [of(now, type), of(before, type)];
      if (sameValue(mine, theirs)) return [];
      const verb = mine.length > theirs.length ? 'add' : 'modify';
      return [forbiddenField(path, `updates may not ${verb} a condition of type "${type}"`)];
    }),
    ...certificateChangeErrors(next.status?.certificate, current.status?.certificate, allowed.certificate ?? false),
  ];
}

function certificateChangeErrors(next = '', current = '', isAllowed: boolean): FieldError[] {
  if (next === current) return [];
  if (!isAllowed) return [forbiddenField('status.certificate', 'updates may not set certificate content')];
  const detail = 'updates may not modify existing certificate content';
  return must(current === '', () => forbiddenField('status.certificate', detail));
}

function requestErrors(request: string): FieldError[] {
  const problem = requestProblem(Buffer.from(request ?? '', 'base64').toString('latin1'));
  return problem ? [invalidValue('spec.request', request ?? null, problem)] : [];
}

function requestProblem(pem: string): string | undefined {
  try {
    return parseSigningRequest(pem).signatureError;
  } catch (problem) {
    return messageOf(problem);
  }
}

function usageErrors(usages: readonly string[]): FieldError[] {
  const path = 'spec.usages';
  if (usages.length === 0) return [required(path)];
  return [
    ...usages.flatMap((usage, at) =>
      must(CERTIFICATE_USAGES.includes(usage), () => notSupported(`${path}[${at}]`, usage, CERTIFICATE_USAGES)),
    ),
    ...usages.flatMap((usage, at) => must(usages.indexOf(usage) === at, () => duplicateValue(`${path}[${at}]`, usage))),
  ];
}

function signerErrors(name: string, before: string | undefined): FieldError[] {
  if (name === LEGACY && before !== LEGACY) {
    return [invalidValue('spec.signerName', name, 'the legacy signerName is not allowed via this API version')];
  }
  return signerNameErrors('spec.signerName', name);
}

/** `example.com/signer-name`. */
export function signerNameErrors(path: string, name: string): FieldError[] {
  if (!name) return [required(path)];
  const segments = name.split('/');
  const [domain = '', rest = ''] = segments;
  if (segments.length !== 2) {
    const detail = "must be a fully qualified domain and path of the form 'example.com/signer-name'";
    return [invalidValue(path, name, detail)];
  }
  const labels = domain.split('.');
  return [
    ...must(domain.length <= LONGEST_DOMAIN, () => tooLong(path, LONGEST_DOMAIN)),
    ...firstProblems(labels, dnsLabel).map((text) => invalidValue(path, domain, text)),
    ...must(labels.length >= 2, () =>
      invalidValue(path, domain, 'should be a domain with at least two segments separated by dots'),
    ),
    ...firstProblems(rest.split('.'), dnsSubdomain).map((text) => invalidValue(path, rest, text)),
  ];
}

/** The first label that is wrong tells enough. */
function firstProblems(labels: readonly string[], rule: (label: string) => string[]): string[] {
  const wrong = labels.find((label) => rule(label).length > 0);
  return wrong === undefined ? [] : rule(wrong).map((text) => `validating label ${JSON.stringify(wrong)}: ${text}`);
}

function conditionErrors(conditions: readonly Condition[], before: readonly Condition[]): FieldError[] {
  const path = 'status.conditions';
  const has = (all: readonly Condition[], type: string) => all.some((one) => one.type === type);
  const wasBoth = DECISIONS.every((type) => has(before, type));
  const hadTwice = before.some(({ type }, at) => before.findIndex((one) => one.type === type) !== at);
  const seen = new Set<string>();
  return conditions.flatMap(({ type, status }, at) => {
    const here = `${path}[${at}]`;
    const isTwice = seen.has(type);
    const other = DECISIONS.find((one) => one !== type) ?? '';
    const isBoth = DECISIONS.includes(type) && seen.has(other);
    seen.add(type);
    return [
      ...must(Boolean(type) || has(before, ''), () => required(`${here}.type`)),
      ...statusErrors(status, LASTING.includes(type), `${here}.status`),
      ...must(wasBoth || !isBoth, () =>
        invalidValue(path, type, 'Approved and Denied conditions are mutually exclusive'),
      ),
      ...must(hadTwice || !isTwice, () => duplicateValue(`${here}.type`, type)),
    ];
  });
}

function statusErrors(status: string, isOnlyTrue: boolean, path: string): FieldError[] {
  const allowed = isOnlyTrue ? ['True'] : ['False', 'True', 'Unknown'];
  if (!status) return [required(path)];
  return must(allowed.includes(status), () => notSupported(path, status, allowed));
}

function certificateErrors(certificate: string | undefined): FieldError[] {
  const problem = certificate ? certificateProblem(Buffer.from(certificate, 'base64').toString('latin1')) : undefined;
  return problem ? [invalidValue('status.certificate', '<certificate data>', problem)] : [];
}

function certificateProblem(pem: string): string | undefined {
  const blocks = [...pem.matchAll(/-----BEGIN ([^-]+)-----\n([\s\S]*?)-----END \1-----/g)];
  if (blocks.length === 0) return 'must contain at least one CERTIFICATE PEM block';
  for (const [whole, label, body = ''] of blocks) {
    if (label !== 'CERTIFICATE') return `only CERTIFICATE PEM blocks are allowed, found ${JSON.stringify(label)}`;
    if (body.includes(':')) return 'no PEM block headers are permitted';
    if (!isCertificate(whole)) return 'x509: malformed certificate';
  }
  return undefined;
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).raw.length > 0;
  } catch {
    return false;
  }
}
