/** The keys and certificates of one cluster: made at its first start, kept in its folder, read again at the next. */
import { createPrivateKey, type KeyObject } from 'node:crypto';
import { join } from 'node:path';
import { readIfThere, writeAtomically } from '#main/base/files';
import {
  issueCertificate,
  keyText,
  newKey,
  type CertificateRequest,
  type Issuer,
  type KeyedCertificate,
} from '#main/base/x509/certificate';

export interface ClusterCertificates {
  /** PEM of the authority that signed the others. */
  authority: KeyedCertificate;
  server: KeyedCertificate;
  /** CN kubernetes-admin, O system:masters. */
  admin: KeyedCertificate;
  /** Signs the tokens of service accounts. */
  tokenKey: string;
}

const YEAR_MS = 365 * 86_400_000;
const HOUR_MS = 3_600_000;
const VALID_YEARS = 10;

const AUTHORITY = { commonName: 'kubernetes' };

/** Every name under which something inside or outside of the cluster reaches the API server. */
const SERVER_NAMES = [
  '127.0.0.1',
  '10.96.0.1',
  'localhost',
  'kubernetes',
  'kubernetes.default',
  'kubernetes.default.svc',
  'kubernetes.default.svc.cluster.local',
];

/** `nowMs` is the time of the computer: clients check certificates against theirs. */
export async function clusterCertificates(folder: string | undefined, nowMs: number): Promise<ClusterCertificates> {
  if (!folder) return makeCertificates(nowMs);
  const path = join(folder, 'certificates.json');
  const kept = await readIfThere(path);
  if (kept !== undefined) return JSON.parse(kept) as ClusterCertificates;
  const made = makeCertificates(nowMs);
  await writeAtomically(path, `${JSON.stringify(made, null, 2)}\n`);
  return made;
}

export function makeCertificates(nowMs: number): ClusterCertificates {
  const validity = { notBeforeMs: nowMs - HOUR_MS, notAfterMs: nowMs + VALID_YEARS * YEAR_MS };
  const authorityKey = newKey();
  const issuer: Issuer = { subject: AUTHORITY, key: authorityKey };
  const make = (request: Omit<CertificateRequest, keyof typeof validity>, key: KeyObject): KeyedCertificate => ({
    certificate: issueCertificate({ ...request, ...validity }, key, issuer),
    key: keyText(key),
  });
  return {
    authority: make({ subject: AUTHORITY, usage: 'authority' }, authorityKey),
    server: make({ subject: { commonName: 'kube-apiserver' }, usage: 'server', names: SERVER_NAMES }, newKey()),
    admin: make(
      { subject: { commonName: 'kubernetes-admin', organization: 'system:masters' }, usage: 'client' },
      newKey(),
    ),
    tokenKey: keyText(newKey()),
  };
}

/** A client certificate signed by the cluster's authority, for other users than the administrator. */
export function clientCertificate(
  { authority }: ClusterCertificates,
  subject: CertificateRequest['subject'],
  nowMs: number,
): KeyedCertificate {
  const key = newKey();
  const issuer: Issuer = { subject: AUTHORITY, key: createPrivateKey(authority.key) };
  const validity = { notBeforeMs: nowMs - HOUR_MS, notAfterMs: nowMs + YEAR_MS };
  return { certificate: issueCertificate({ subject, usage: 'client', ...validity }, key, issuer), key: keyText(key) };
}
