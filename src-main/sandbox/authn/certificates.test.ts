import { X509Certificate } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { clientCertificate, clusterCertificates, makeCertificates } from './certificates';

const now = Date.UTC(2026, 10, 20);

describe('cluster certificates', () => {
  it('are signed by the authority and name what they are for', () => {
    const { authority, server, admin } = makeCertificates(now);
    const ca = new X509Certificate(authority.certificate);
    const serving = new X509Certificate(server.certificate);
    const administrator = new X509Certificate(admin.certificate);
    expect(ca.ca).toBe(true);
    expect(ca.verify(ca.publicKey)).toBe(true);
    for (const certificate of [serving, administrator]) {
      expect(certificate.verify(ca.publicKey)).toBe(true);
      expect(certificate.checkIssued(ca)).toBe(true);
    }
    expect(serving.subjectAltName).toContain('IP Address:127.0.0.1');
    expect(serving.checkHost('kubernetes.default.svc')).toBe('kubernetes.default.svc');
    expect(administrator.subject).toBe('O=system:masters\nCN=kubernetes-admin');
    expect(new Date(serving.validTo).getTime()).toBe(now + 10 * 365 * 86_400_000);
  });

  it('stay the same when a kept cluster is opened again', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'certificates-'));
    const first = await clusterCertificates(folder, now);
    expect(await clusterCertificates(folder, now + 1)).toEqual(first);
    await rm(folder, { recursive: true });
  });

  it('can be issued for other users', () => {
    const cluster = makeCertificates(now);
    const jane = new X509Certificate(
      clientCertificate(cluster, { commonName: 'jane', organization: 'dev' }, now).certificate,
    );
    expect(jane.verify(new X509Certificate(cluster.authority.certificate).publicKey)).toBe(true);
    expect(jane.subject).toBe('O=dev\nCN=jane');
  });
});
