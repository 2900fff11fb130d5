/** How a kubelet tells that it lives. A sandbox's own kubelets do it without a write every ten seconds. */
import type { Lease, Node } from '../kube/types';

export const NODE_LEASE_NAMESPACE = 'kube-node-lease';
/** How long a kubelet's lease lasts (nodeLeaseDurationSeconds). */
const LEASE_SECONDS = 40;
const RENEWAL = 'pilothouse/renewal';
const CONTINUOUS = 'continuous';
/** The mark of a lease that counts as renewed at every moment. */
export const RENEWED_CONTINUOUSLY: Readonly<Record<string, string>> = { [RENEWAL]: CONTINUOUS };

/**
 * True for a lease that counts as renewed at every moment, until its kubelet takes the mark away. Leases of other
 * kubelets are renewed by writing them.
 */
export function isRenewedContinuously({ metadata }: Lease): boolean {
  return metadata.annotations?.[RENEWAL] === CONTINUOUS;
}

/** The lease of a kubelet that lives: for `renewed` continuously, or until `nowMs` and no further. */
export function nodeLease({ metadata }: Node, nowMs: number, renewed: 'continuously' | 'no longer') {
  const { name, uid } = metadata;
  const isKept = renewed === 'continuously';
  return {
    metadata: {
      name,
      namespace: NODE_LEASE_NAMESPACE,
      ...(isKept ? { annotations: RENEWED_CONTINUOUSLY } : {}),
      ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name, uid }],
    },
    spec: { holderIdentity: name, leaseDurationSeconds: LEASE_SECONDS, renewTime: microTime(nowMs) },
  };
}

/** As MicroTime is written. */
export function microTime(ms: number): string {
  return new Date(ms).toISOString().replace('Z', '000Z');
}
