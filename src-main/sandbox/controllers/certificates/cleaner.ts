/** Takes requests for certificates away that have served (csrcleaner). */
import { X509Certificate } from 'node:crypto';
import { CertificateSigningRequests } from '#common/kube/resources';
import type { CertificateSigningRequest } from '#common/kube/types';
import { again, defineController, settled } from '../runtime/define-controller';
import { ignoreGone } from '../runtime/ownership';

const HOUR_MS = 3_600_000;
const DECIDED_MS = HOUR_MS;
const PENDING_MS = 24 * HOUR_MS;

export const certificateCleaner = defineController({
  name: 'csrcleaner',
  reconciles: CertificateSigningRequests,

  async reconcile(key, { cache, client, clock, signal }) {
    const request = cache.get(CertificateSigningRequests, key);
    if (!request) return settled;
    const leftMs = endOf(request) - clock.now();
    if (leftMs > 0) return again(leftMs);
    await ignoreGone(client.remove(CertificateSigningRequests, { name: key }, { signal }));
    return settled;
  },
});

/** When a request is of no use any more, in epoch milliseconds. */
export function endOf({ metadata, status }: CertificateSigningRequest): number {
  const created = Date.parse(metadata.creationTimestamp ?? '');
  const conditions = status?.conditions ?? [];
  if (conditions.length === 0) return created + PENDING_MS;
  const certificate = status?.certificate;
  const ends = conditions.map(({ type, lastUpdateTime }) => {
    const since = lastUpdateTime ? Date.parse(lastUpdateTime) : created;
    if (type === 'Denied' || type === 'Failed') return since + DECIDED_MS;
    if (type === 'Approved') return since + (certificate ? DECIDED_MS : PENDING_MS);
    return Number.POSITIVE_INFINITY;
  });
  return Math.min(...ends, certificate ? expiryOf(certificate) : Number.POSITIVE_INFINITY);
}

function expiryOf(certificate: string): number {
  return Date.parse(new X509Certificate(Buffer.from(certificate, 'base64')).validTo);
}
