/** Who may approve and sign which certificates, and which may not be asked for at all. */
import type { CertificateSigningRequest } from '#common/kube/types';
import { parseSigningRequest } from '#main/base/x509/signing-request';
import { sameValue } from '#main/sandbox/machinery/same-value';
import type { AdmissionPlugin, AdmissionRequest } from './plugin';
import { refused } from './refusal';
import { writtenResource } from './written-resource';

const REQUESTS = 'certificatesigningrequests.certificates.k8s.io';
const CLIENT_SIGNER = 'kubernetes.io/kube-apiserver-client';
const MASTERS = 'system:masters';

/** Asks whether somebody may do something. */
export type MayUser = (
  user: AdmissionRequest['user'],
  about: { verb: string; group: string; resource: string; name: string; namespace?: string },
) => boolean;

/** The right to approve or sign is one about the signer, by its name or by its whole domain. */
function maySign(may: MayUser, user: AdmissionRequest['user'], verb: string, signerName: string): boolean {
  const domain = signerName.split('/')[0] ?? '';
  return [signerName, `${domain}/*`].some((name) =>
    may(user, { verb, group: 'certificates.k8s.io', resource: 'signers', name }),
  );
}

export function certificateApproval(may: MayUser): AdmissionPlugin {
  return {
    name: 'CertificateApproval',
    validate(request) {
      if (request.operation !== 'UPDATE' || writtenResource(request) !== `${REQUESTS}/approval`) return;
      // As it was: whoever approves cannot change whom they ask.
      const { signerName } = (request.oldObject as unknown as CertificateSigningRequest).spec;
      if (maySign(may, request.user, 'approve', signerName)) return;
      throw refused(request, `user not permitted to approve requests with signerName ${JSON.stringify(signerName)}`);
    },
  };
}

export function certificateSigning(may: MayUser): AdmissionPlugin {
  return {
    name: 'CertificateSigning',
    validate(request) {
      if (request.operation !== 'UPDATE' || writtenResource(request) !== `${REQUESTS}/status`) return;
      const next = request.object as unknown as CertificateSigningRequest;
      const { spec, status } = request.oldObject as unknown as CertificateSigningRequest;
      const isSame =
        next.status?.certificate === status?.certificate &&
        sameValue(next.status?.conditions ?? [], status?.conditions ?? []);
      if (isSame || maySign(may, request.user, 'sign', spec.signerName)) return;
      throw refused(request, `user not permitted to sign requests with signerName ${JSON.stringify(spec.signerName)}`);
    },
  };
}

export const certificateSubjectRestriction: AdmissionPlugin = {
  name: 'CertificateSubjectRestriction',
  validate(request) {
    if (request.operation !== 'CREATE' || writtenResource(request) !== REQUESTS) return;
    const { spec } = request.object as unknown as CertificateSigningRequest;
    if (spec.signerName !== CLIENT_SIGNER) return;
    const { organizations } = parseSigningRequest(Buffer.from(spec.request, 'base64').toString('latin1'));
    if (!organizations.includes(MASTERS)) return;
    throw refused(request, `use of ${CLIENT_SIGNER} signer with ${MASTERS} group is not allowed`);
  },
};
