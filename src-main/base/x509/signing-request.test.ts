import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { makeCertificates } from '#main/sandbox/authn/certificates';
import { issueCertificate, keyText } from './certificate';
import { parseSigningRequest } from './signing-request';
import { signRequest } from './sign-request';
import { JANE, NODE_SERVER, OLD_AUTHORITY } from '#test/fixtures/signing-requests';

const now = Date.UTC(2026, 10, 20);

describe('parseSigningRequest', () => {
  it.each([
    [
      'an ECDSA client',
      JANE,
      { commonName: 'jane', organizations: ['dev', 'ops'], dnsNames: [], ipAddresses: [], signatureError: undefined },
    ],
    [
      'an RSA server with names',
      NODE_SERVER,
      {
        commonName: 'system:node:one',
        organizations: ['system:nodes'],
        dnsNames: ['one', 'one.local'],
        ipAddresses: ['10.0.0.7', '2001:db8:0:0:0:0:0:1'],
        signatureError: undefined,
      },
    ],
  ])('reads %s', (_case, text, expected) => {
    expect(parseSigningRequest(text)).toMatchObject(expected);
  });

  it.each([
    ['no PEM', 'hello', 'PEM block type must be CERTIFICATE REQUEST'],
    [
      'another block',
      JANE.replaceAll('CERTIFICATE REQUEST', 'CERTIFICATE'),
      'PEM block type must be CERTIFICATE REQUEST',
    ],
    [
      'half of one',
      '-----BEGIN CERTIFICATE REQUEST-----\nMIIB\n-----END CERTIFICATE REQUEST-----',
      'asn1: syntax error: truncated tag or length',
    ],
  ])('refuses %s', (_case, text, problem) => {
    expect(() => parseSigningRequest(text)).toThrow(problem);
  });

  it('tells a request that somebody else wrote', () => {
    const der = Buffer.from(JANE.replaceAll(/-----[^-]+-----|\s/g, ''), 'base64');
    der[der.indexOf('jane')] = 'k'.charCodeAt(0);
    const forged = `-----BEGIN CERTIFICATE REQUEST-----\n${der.toString('base64')}\n-----END CERTIFICATE REQUEST-----`;
    expect(parseSigningRequest(forged)).toMatchObject({
      commonName: 'kane',
      signatureError: 'x509: ECDSA verification failure',
    });
  });
});

describe('signRequest', () => {
  it('makes a certificate that the authority vouches for, with what was asked', () => {
    const { authority } = makeCertificates(now);
    const usages = ['digital signature', 'key encipherment', 'server auth'];
    const terms = { usages, notBeforeMs: now, notAfterMs: now + 3_600_000 };
    const made = new X509Certificate(signRequest(parseSigningRequest(NODE_SERVER), terms, authority));
    const parent = new X509Certificate(authority.certificate);
    expect(made.verify(parent.publicKey)).toBe(true);
    expect(made.checkIssued(parent)).toBe(true);
    expect(made.ca).toBe(false);
    expect(made.subject).toBe('O=system:nodes\nCN=system:node:one');
    expect(made.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1']);
    expect(made.subjectAltName).toBe('DNS:one, DNS:one.local, IP Address:10.0.0.7, IP Address:2001:DB8:0:0:0:0:0:1');
    expect(new Date(made.validTo).getTime()).toBe(now + 3_600_000);
  });

  it('signs with an authority that has an RSA key', () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const subject = { commonName: 'brought along' };
    const validity = { notBeforeMs: now, notAfterMs: now + 3_600_000 };
    const certificate = issueCertificate({ subject, usage: 'authority', ...validity }, privateKey, {
      subject,
      key: privateKey,
    });
    const parent = new X509Certificate(certificate);
    const authority = { certificate, key: keyText(privateKey) };
    const made = new X509Certificate(
      signRequest(parseSigningRequest(JANE), { usages: ['client auth'], ...validity }, authority),
    );
    expect([parent.verify(parent.publicKey), made.verify(parent.publicKey), made.checkIssued(parent)]).toEqual([
      true,
      true,
      true,
    ]);
  });

  it('signs with an authority of version 1', () => {
    const parent = new X509Certificate(OLD_AUTHORITY.certificate);
    const terms = { usages: ['client auth'], notBeforeMs: now, notAfterMs: now + 3_600_000 };
    const made = new X509Certificate(signRequest(parseSigningRequest(JANE), terms, OLD_AUTHORITY));
    expect([made.issuer, made.verify(parent.publicKey)]).toEqual(['CN=old authority', true]);
  });

  it('ends with its authority', () => {
    const { authority } = makeCertificates(now);
    const terms = { usages: ['client auth'], notBeforeMs: now, notAfterMs: now + 100 * 365 * 86_400_000 };
    const made = new X509Certificate(signRequest(parseSigningRequest(JANE), terms, authority));
    expect(made.validTo).toBe(new X509Certificate(authority.certificate).validTo);
  });
});
