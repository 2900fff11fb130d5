/** Which requests for certificates each of the cluster's own signers answers, with kube-controller-manager's words. */
import type { SigningRequest } from '#main/base/x509/signing-request';

export const CLIENT_SIGNER = 'kubernetes.io/kube-apiserver-client';
export const KUBELET_CLIENT_SIGNER = 'kubernetes.io/kube-apiserver-client-kubelet';
export const KUBELET_SERVING_SIGNER = 'kubernetes.io/kubelet-serving';
export const LEGACY_SIGNER = 'kubernetes.io/legacy-unknown';

const NODES = 'system:nodes';
const NODE_USER = 'system:node:';

type Rule = (request: SigningRequest, usages: readonly string[]) => string | undefined;

/** Why a request is not one for this signer; undefined when it is. Unknown signers have no rule. */
export const SIGNER_RULES: Readonly<Record<string, Rule>> = {
  [CLIENT_SIGNER]: (_request, usages) => clientUsageProblem(usages),
  [KUBELET_CLIENT_SIGNER]: kubeletClientProblem,
  [KUBELET_SERVING_SIGNER]: kubeletServingProblem,
  [LEGACY_SIGNER]: () => undefined,
};

function clientUsageProblem(usages: readonly string[]): string | undefined {
  const strange = usages.find((usage) => !['digital signature', 'key encipherment', 'client auth'].includes(usage));
  if (strange !== undefined) return `invalid usage for client certificate: ${strange}`;
  return usages.includes('client auth') ? undefined : 'missing required usage for client certificate: client auth';
}

const isOfNodes = ({ organizations }: SigningRequest): boolean =>
  organizations.length === 1 && organizations[0] === NODES;

export function kubeletClientProblem(request: SigningRequest, usages: readonly string[]): string | undefined {
  if (!isOfNodes(request)) return 'subject organization is not system:nodes';
  if (request.dnsNames.length > 0) return 'DNS subjectAltNames are not allowed';
  if (request.emailAddresses.length > 0) return 'Email subjectAltNames are not allowed';
  if (request.ipAddresses.length > 0) return 'IP subjectAltNames are not allowed';
  if (request.uris.length > 0) return 'URI subjectAltNames are not allowed';
  if (!request.commonName.startsWith(NODE_USER)) return 'subject common name does not begin with system:node:';
  return usageProblem(usages, 'client auth');
}

function kubeletServingProblem(request: SigningRequest, usages: readonly string[]): string | undefined {
  if (!isOfNodes(request)) return 'subject organization is not system:nodes';
  if (request.dnsNames.length + request.ipAddresses.length === 0) return 'DNS or IP subjectAltName is required';
  if (request.emailAddresses.length > 0) return 'Email subjectAltNames are not allowed';
  if (request.uris.length > 0) return 'URI subjectAltNames are not allowed';
  const problem = usageProblem(usages, 'server auth');
  if (problem) return problem;
  return request.commonName.startsWith(NODE_USER) ? undefined : 'subject common name does not begin with system:node:';
}

/** Keys that are not RSA encipher nothing. */
function usageProblem(usages: readonly string[], purpose: string): string | undefined {
  const needed = ['digital signature', 'key encipherment', purpose].sort();
  const given = new Set(usages);
  const fits = [needed, needed.filter((usage) => usage !== 'key encipherment')].some(
    (set) => set.length === given.size && set.every((usage) => given.has(usage)),
  );
  if (fits) return undefined;
  return `usages did not match [${[...needed].sort().join(' ')}]`;
}
