/** Signs approved requests with the cluster's authority, as kube-controller-manager's csrsigning controllers do. */
import type { Clock } from '#common/base/clock';
import { CertificateSigningRequests } from '#common/kube/resources';
import type { CertificateSigningRequest } from '#common/kube/types';
import type { KeyedCertificate } from '#main/base/x509/certificate';
import { parseSigningRequest } from '#main/base/x509/signing-request';
import { signRequest } from '#main/base/x509/sign-request';
import { defineController, settled, type Controller } from '../runtime/define-controller';
import { SIGNER_RULES } from './recognized-requests';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** `--cluster-signing-duration` */
const LONGEST_MS = 365 * 24 * HOUR_MS;
const SHORTEST_MS = 10 * MINUTE_MS;
const BACKDATE_MS = 5 * MINUTE_MS;
/** Certificates that live shorter are not cut short by their backdating. */
const SHORT_MS = 8 * HOUR_MS;

/** `clock` is the computer's: clients and servers hold certificates against theirs. */
export function signingController(authority: KeyedCertificate, clock: Clock): Controller {
  return defineController({
    name: 'csrsigning',
    reconciles: CertificateSigningRequests,

    async reconcile(key, { cache, client, signal }) {
      const request = cache.get(CertificateSigningRequests, key);
      const plan = request && planSigning(request);
      if (!request || !plan) return settled;
      const status =
        plan.step === 'fail'
          ? {
              ...request.status,
              conditions: [...(request.status?.conditions ?? []), failed(plan.message, clock.now())],
            }
          : { ...request.status, certificate: certificateFor(request, authority, clock.now()) };
      await client.updateStatus(CertificateSigningRequests, { ...request, status }, { signal });
      return settled;
    },
  });
}

type SigningPlan = { step: 'sign' } | { step: 'fail'; message: string };

/** Undefined for requests that wait, are done, or are for somebody else. */
export function planSigning({ spec, status }: CertificateSigningRequest): SigningPlan | undefined {
  const has = (type: string) => status?.conditions?.some((one) => one.type === type && one.status === 'True') ?? false;
  const isDecided = status?.conditions?.some(({ type }) => type === 'Denied') ?? false;
  if (status?.certificate || isDecided || !has('Approved') || has('Failed')) return undefined;
  const rule = SIGNER_RULES[spec.signerName];
  if (!rule) return undefined;
  const message = rule(parseSigningRequest(pemOf(spec)), spec.usages ?? []);
  return message ? { step: 'fail', message } : { step: 'sign' };
}

const pemOf = ({ request }: CertificateSigningRequest['spec']): string =>
  Buffer.from(request, 'base64').toString('latin1');

function failed(message: string, nowMs: number) {
  const lastUpdateTime = new Date(nowMs).toISOString().replace(/\.\d+/, '');
  return { type: 'Failed', status: 'True', reason: 'SignerValidationFailure', message, lastUpdateTime };
}

/** How long a certificate is good for, around `nowMs`. */
export function validityOf(expirationSeconds: number | undefined, nowMs: number) {
  const asked = expirationSeconds === undefined ? LONGEST_MS : expirationSeconds * 1000;
  const livesMs = Math.max(SHORTEST_MS, Math.min(asked, LONGEST_MS));
  const notAfterMs = nowMs + (livesMs < SHORT_MS ? livesMs : livesMs - BACKDATE_MS);
  return { notBeforeMs: nowMs - BACKDATE_MS, notAfterMs };
}

function certificateFor({ spec }: CertificateSigningRequest, authority: KeyedCertificate, nowMs: number): string {
  const terms = { usages: spec.usages ?? [], ...validityOf(spec.expirationSeconds, nowMs) };
  return Buffer.from(signRequest(parseSigningRequest(pemOf(spec)), terms, authority)).toString('base64');
}
