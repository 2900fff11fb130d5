/**
 * Writes X.509 certificates with P-256 keys. A library would do it too, but loading one takes longer than a cluster may
 * take to answer its first request.
 */
import { createHash, createPublicKey, generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto';
import { isIPv4 } from 'node:net';
import { bits, boolean, integer, objectId, octets, sequence, set, tagged, time, utf8 } from './der';

export interface Subject {
  commonName: string;
  organization?: string;
}

export interface CertificateRequest {
  subject: Subject;
  usage: 'authority' | 'server' | 'client';
  /** DNS names and IPv4 addresses of a server. */
  names?: readonly string[];
  notBeforeMs: number;
  notAfterMs: number;
}

/** A certificate with its private key, both PEM. */
export interface KeyedCertificate {
  certificate: string;
  key: string;
}

/** Who signs: absent for a certificate that signs itself. */
export interface Issuer {
  subject: Subject;
  key: KeyObject;
}

const ECDSA_SHA256 = sequence(objectId('1.2.840.10045.4.3.2'));
/** Its parameters are written, though there are none. */
const RSA_SHA256 = sequence(objectId('1.2.840.113549.1.1.11'), Buffer.from([5, 0]));
const VERSION_3 = tagged(0, true, integer(Buffer.from([2])));

export function newKey(): KeyObject {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
}

/** The PEM text of a certificate for `key`. */
export function issueCertificate(request: CertificateRequest, key: KeyObject, issuer: Issuer): string {
  const publicKey = createPublicKey(key).export({ type: 'spki', format: 'der' });
  return signCertificate({
    subject: nameOf(request.subject),
    publicKey,
    extensions: extensions(request, publicKey, issuer),
    notBeforeMs: request.notBeforeMs,
    notAfterMs: request.notAfterMs,
    issuer: { subject: nameOf(issuer.subject), key: issuer.key },
  });
}

/** What stands in a certificate, each part as it is encoded. */
export interface CertificateParts {
  subject: Uint8Array;
  /** SubjectPublicKeyInfo. */
  publicKey: Uint8Array;
  extensions: Uint8Array[];
  notBeforeMs: number;
  notAfterMs: number;
  issuer: { subject: Uint8Array; key: KeyObject };
}

/** The PEM text of a certificate. */
export function signCertificate(parts: CertificateParts): string {
  // An authority that somebody brought may have another kind of key than those made here.
  const algorithm = parts.issuer.key.asymmetricKeyType === 'rsa' ? RSA_SHA256 : ECDSA_SHA256;
  const content = sequence(
    VERSION_3,
    integer(serialNumber()),
    algorithm,
    parts.issuer.subject,
    sequence(time(parts.notBeforeMs), time(parts.notAfterMs)),
    parts.subject,
    parts.publicKey,
    tagged(3, true, sequence(...parts.extensions)),
  );
  return pem('CERTIFICATE', sequence(content, algorithm, bits(sign('sha256', content, parts.issuer.key))));
}

export function keyText(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString();
}

/** Positive, and not all zero. */
function serialNumber(): Buffer {
  const serial = randomBytes(16);
  serial[0] = ((serial[0] ?? 0) & 0x7f) | 0x40;
  return serial;
}

function nameOf({ commonName, organization }: Subject): Buffer {
  const parts = [attribute('2.5.4.3', commonName)];
  if (organization) parts.unshift(attribute('2.5.4.10', organization));
  return sequence(...parts);
}

function attribute(id: string, value: string): Buffer {
  return set(sequence(objectId(id), utf8(value)));
}

const KEY_USAGE = { authority: [0x06, 1], leaf: [0xa0, 5] } as const;
const PURPOSE = { server: '1.3.6.1.5.5.7.3.1', client: '1.3.6.1.5.5.7.3.2' } as const;

function extensions({ usage, names = [] }: CertificateRequest, publicKey: Buffer, issuer: Issuer): Buffer[] {
  const isAuthority = usage === 'authority';
  const [usageBits, unused] = KEY_USAGE[isAuthority ? 'authority' : 'leaf'];
  const issuerKey = createPublicKey(issuer.key).export({ type: 'spki', format: 'der' });
  const list = [
    extension('2.5.29.15', true, bits(Buffer.from([usageBits]), unused)),
    extension('2.5.29.19', true, isAuthority ? sequence(boolean(true)) : sequence()),
    extension('2.5.29.14', false, octets(keyId(publicKey))),
    extension('2.5.29.35', false, sequence(tagged(0, false, keyId(issuerKey)))),
  ];
  if (usage !== 'authority') list.push(extension('2.5.29.37', false, sequence(objectId(PURPOSE[usage]))));
  if (names.length > 0) list.push(extension('2.5.29.17', false, sequence(...names.map(alternativeName))));
  return list;
}

export function extension(id: string, isCritical: boolean, value: Buffer): Buffer {
  return sequence(objectId(id), ...(isCritical ? [boolean(true)] : []), octets(value));
}

export function keyId(publicKey: Uint8Array): Buffer {
  return createHash('sha1').update(publicKey).digest();
}

const DNS_NAME = 2;
const IP_ADDRESS = 7;

function alternativeName(name: string): Buffer {
  if (isIPv4(name)) return tagged(IP_ADDRESS, false, Buffer.from(name.split('.').map(Number)));
  return tagged(DNS_NAME, false, Buffer.from(name));
}

function pem(label: string, der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}
