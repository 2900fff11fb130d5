/** How an API server makes itself known to others of its cluster, and since when it keeps an eye on tokens of old. */
import { createHash } from 'node:crypto';
import { microTime, RENEWED_CONTINUOUSLY } from '#common/kinds/node-lease';
import type { Seed } from './seed';

/** IdentityLeaseDurationSeconds */
const LEASE_SECONDS = 3600;
const COMPONENT = 'kube-apiserver';
const NAMESPACE = 'kube-system';

/** What the API server on the machine `hostname` calls itself. */
export function serverId(hostname: string): string {
  const prefixed = (text: string) =>
    Buffer.concat([Buffer.from([text.length >> 8, text.length & 255]), Buffer.from(text)]);
  const hash = createHash('sha256')
    .update(Buffer.concat([hostname, COMPONENT].map(prefixed)))
    .digest();
  return `apiserver-${base32(hash.subarray(0, 16))}`;
}

/** Renewed at every moment that the server answers: not a write every ten seconds. */
export function identityLease(hostname: string, { uid, nowMs }: { uid: string; nowMs: number }): Seed {
  const name = serverId(hostname);
  const labels = { 'apiserver.kubernetes.io/identity': COMPONENT, 'kubernetes.io/hostname': hostname };
  return {
    metadata: { name, namespace: NAMESPACE, labels, annotations: RENEWED_CONTINUOUSLY },
    spec: { holderIdentity: `${name}_${uid}`, leaseDurationSeconds: LEASE_SECONDS, renewTime: microTime(nowMs) },
  };
}

/** Since which day the server notes when a token of the older kind is used. */
export function tokenTracking(nowMs: number): Seed {
  return {
    metadata: { name: 'kube-apiserver-legacy-service-account-token-tracking', namespace: NAMESPACE },
    data: { since: new Date(nowMs).toISOString().slice(0, 10) },
  };
}

const LETTERS = 'abcdefghijklmnopqrstuvwxyz234567';

function base32(bytes: Uint8Array): string {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  const groups = bits.match(/.{1,5}/g) ?? [];
  return groups.map((group) => LETTERS[Number.parseInt(group.padEnd(5, '0'), 2)] ?? '').join('');
}
