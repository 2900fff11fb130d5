/** certificates.k8s.io CertificateSigningRequest: who asks is written into it; approving and signing have doors of their own. */
import { CertificateSigningRequests } from '#common/kube/resources';
import type { CertificateSigningRequest, CertificateSigningRequestCondition } from '#common/kube/types';
import { MEMBER } from '#main/sandbox/machinery/field-set';
import { timeNow } from '../creation-time';
import { defineStrategy, type WriteContext } from '../strategy';
import { signingRequestErrors, signingRequestUpdateErrors, type Allowed } from './signing-request-rules';

type Conditions = CertificateSigningRequestCondition[];

export const signingRequestStrategy = defineStrategy<CertificateSigningRequest>({
  resource: CertificateSigningRequests,
  names: () => [],
  resets: {
    '': { 'f:spec': MEMBER, 'f:status': MEMBER },
    approval: { 'f:spec': MEMBER, 'f:status': { 'f:certificate': MEMBER } },
    status: { 'f:spec': MEMBER, 'f:status': { 'f:conditions': MEMBER } },
  },
  prepareForCreate(draft, { user }) {
    const { username: _username, uid: _uid, groups: _groups, extra: _extra, ...asked } = draft.spec;
    draft.spec = {
      ...asked,
      groups: [...user.groups],
      username: user.name,
      ...(user.uid ? { uid: user.uid } : {}),
      ...(user.extra
        ? { extra: Object.fromEntries(Object.entries(user.extra).map(([key, all]) => [key, [...all]])) }
        : {}),
    };
    draft.status = {};
  },
  validate: (request) => signingRequestErrors(request),
  validateUpdate: (next, current) => signingRequestUpdateErrors(next, current, {}),
  update: {
    prepare(next, current) {
      next.spec = current.spec;
    },
  },
  subresources: {
    status: {
      takesMetadata: true,
      prepare(next, current, context) {
        keepDecisions(next, current);
        dateConditions(next, current, context);
      },
      validate: updateRules({ certificate: true }),
    },
    approval: {
      prepare(next, current, context) {
        dateConditions(next, current, context);
        const conditions = next.status?.conditions;
        next.spec = current.spec;
        next.status = { ...current.status, ...(conditions ? { conditions } : {}) };
        if (!conditions) delete next.status.conditions;
      },
      validate: updateRules({ decisions: true }),
    },
  },
  selectableFields: ({ spec }) => ({ 'spec.signerName': spec.signerName }),
});

function updateRules(allowed: Allowed) {
  return (next: CertificateSigningRequest, current: CertificateSigningRequest) =>
    signingRequestUpdateErrors(next, current, allowed);
}

/** Signers do not decide: what is there of decisions stays as it is. */
function keepDecisions(next: CertificateSigningRequest, current: CertificateSigningRequest): void {
  for (const type of ['Approved', 'Denied']) {
    const kept = (current.status?.conditions ?? []).filter((one) => one.type === type);
    const given = (next.status?.conditions ?? []).filter((one) => one.type === type);
    if (kept.length !== given.length || kept.length === 0) continue;
    const left = [...kept];
    const conditions = (next.status?.conditions ?? []).map((one) => (one.type === type ? (left.shift() ?? one) : one));
    next.status = { ...next.status, conditions };
  }
}

function dateConditions(next: CertificateSigningRequest, current: CertificateSigningRequest, { clock }: WriteContext) {
  const conditions = next.status?.conditions;
  if (!conditions) return;
  const now = timeNow(clock);
  const before: Conditions = current.status?.conditions ?? [];
  const dated = conditions.map((condition) => {
    const same = before.find((one) => one.type === condition.type && one.status === condition.status);
    return {
      ...condition,
      lastUpdateTime: condition.lastUpdateTime ?? now,
      lastTransitionTime: condition.lastTransitionTime ?? same?.lastTransitionTime ?? now,
    };
  });
  next.status = { ...next.status, conditions: dated };
}
