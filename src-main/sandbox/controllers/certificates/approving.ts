/** Approves what kubelets ask for, where they have the right to ask (csrapproving). */
import { CertificateSigningRequests, SubjectAccessReviews } from '#common/kube/resources';
import type { CertificateSigningRequest } from '#common/kube/types';
import type { KubeClient } from '#main/client/client';
import { parseSigningRequest } from '#main/base/x509/signing-request';
import { defineController, settled } from '../runtime/define-controller';
import { KUBELET_CLIENT_SIGNER, kubeletClientProblem } from './recognized-requests';

interface Recognizer {
  /** The right to create this makes the request good. */
  subresource: string;
  message: string;
  isSelf: boolean;
}

const RECOGNIZERS: readonly Recognizer[] = [
  {
    subresource: 'selfnodeclient',
    message: 'Auto approving self kubelet client certificate after SubjectAccessReview.',
    isSelf: true,
  },
  {
    subresource: 'nodeclient',
    message: 'Auto approving kubelet client certificate after SubjectAccessReview.',
    isSelf: false,
  },
];

export const approvingController = defineController({
  name: 'csrapproving',
  reconciles: CertificateSigningRequests,

  async reconcile(key, { cache, client, signal }) {
    const request = cache.get(CertificateSigningRequests, key);
    for (const recognizer of request ? recognizersOf(request) : []) {
      if (!request || !(await mayAsk(request, recognizer, client, signal))) continue;
      const condition = { type: 'Approved', status: 'True', reason: 'AutoApproved', message: recognizer.message };
      const conditions = [...(request.status?.conditions ?? []), condition];
      const approved = { ...request, status: { ...request.status, conditions } };
      await client.update(CertificateSigningRequests, approved, { subresource: 'approval', signal });
      return settled;
    }
    return settled;
  },
});

/** The recognizers that fit a request that waits for its decision. */
export function recognizersOf({ spec, status }: CertificateSigningRequest): Recognizer[] {
  const isDecided = status?.conditions?.some(({ type }) => type === 'Approved' || type === 'Denied') ?? false;
  if (isDecided || status?.certificate || spec.signerName !== KUBELET_CLIENT_SIGNER) return [];
  const asked = parseSigningRequest(Buffer.from(spec.request, 'base64').toString('latin1'));
  if (kubeletClientProblem(asked, spec.usages ?? [])) return [];
  return RECOGNIZERS.filter(({ isSelf }) => !isSelf || spec.username === asked.commonName);
}

async function mayAsk(
  { spec }: CertificateSigningRequest,
  { subresource }: Recognizer,
  client: KubeClient,
  signal: AbortSignal,
): Promise<boolean> {
  const { username, uid, groups, extra } = spec;
  const review = await client.create(
    SubjectAccessReviews,
    {
      metadata: {},
      spec: {
        ...(username ? { user: username } : {}),
        ...(uid ? { uid } : {}),
        ...(groups ? { groups } : {}),
        ...(extra ? { extra } : {}),
        resourceAttributes: {
          group: 'certificates.k8s.io',
          resource: 'certificatesigningrequests',
          verb: 'create',
          subresource,
          version: '*',
        },
      },
    },
    { signal },
  );
  return review.status?.allowed ?? false;
}
