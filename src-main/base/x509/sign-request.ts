/** Signs what a request for a certificate asks for, as kube-controller-manager's permissive policy does. */
import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto';
import { bits, objectId, sequence, tagged } from './der';
import { elementsOf, onlyElement } from './der-reader';
import { extension, keyId, signCertificate, type KeyedCertificate } from './certificate';
import type { SigningRequest } from './signing-request';

/** Bits of KeyUsage, from the left. */
const KEY_USAGES: Readonly<Record<string, number>> = {
  signing: 0,
  'digital signature': 0,
  'content commitment': 1,
  'key encipherment': 2,
  'data encipherment': 3,
  'key agreement': 4,
  'cert sign': 5,
  'crl sign': 6,
  'encipher only': 7,
  'decipher only': 8,
};

/** In the order in which they stand in a certificate. */
const EXTENDED_USAGES: Readonly<Record<string, string>> = {
  any: '2.5.29.37.0',
  'server auth': '1.3.6.1.5.5.7.3.1',
  'client auth': '1.3.6.1.5.5.7.3.2',
  'code signing': '1.3.6.1.5.5.7.3.3',
  'email protection': '1.3.6.1.5.5.7.3.4',
  's/mime': '1.3.6.1.5.5.7.3.4',
  'ipsec end system': '1.3.6.1.5.5.7.3.5',
  'ipsec tunnel': '1.3.6.1.5.5.7.3.6',
  'ipsec user': '1.3.6.1.5.5.7.3.7',
  timestamping: '1.3.6.1.5.5.7.3.8',
  'ocsp signing': '1.3.6.1.5.5.7.3.9',
  'microsoft sgc': '1.3.6.1.4.1.311.10.3.3',
  'netscape sgc': '2.16.840.1.113730.4.1',
};

/** Every word that `spec.usages` may hold. */
export const CERTIFICATE_USAGES: readonly string[] = [
  ...new Set([...Object.keys(KEY_USAGES), ...Object.keys(EXTENDED_USAGES)]),
].sort();

export interface SigningTerms {
  usages: readonly string[];
  notBeforeMs: number;
  notAfterMs: number;
}

/** The PEM text of the certificate; it ends no later than the authority's own. */
export function signRequest(request: SigningRequest, terms: SigningTerms, authority: KeyedCertificate): string {
  const certificate = new X509Certificate(authority.certificate);
  const authorityEndsMs = Date.parse(certificate.validTo);
  return signCertificate({
    subject: request.subject,
    publicKey: request.publicKey,
    extensions: extensionsOf(request, terms, certificate),
    notBeforeMs: terms.notBeforeMs,
    notAfterMs: Math.min(terms.notAfterMs, authorityEndsMs),
    issuer: { subject: subjectOf(certificate), key: createPrivateKey(authority.key) },
  });
}

const VERSION_TAG = 0xa0;

/** The name under which an authority signs, as it is encoded in its own certificate. */
function subjectOf({ raw }: X509Certificate): Uint8Array {
  const [content] = elementsOf(onlyElement(raw).content);
  const elements = elementsOf(content?.content ?? new Uint8Array());
  // Certificates of version 1 do not say so.
  const subject = elements[elements[0]?.tag === VERSION_TAG ? 5 : 4];
  if (!subject) throw new Error('the certificate of the authority has no subject');
  return subject.whole;
}

function extensionsOf(request: SigningRequest, { usages }: SigningTerms, authority: X509Certificate): Uint8Array[] {
  const authorityKey = createPublicKey(authority.publicKey.export({ type: 'spki', format: 'pem' })).export({
    type: 'spki',
    format: 'der',
  });
  const keyUsage = keyUsageBits(usages);
  const purposes = [
    ...new Set(Object.entries(EXTENDED_USAGES).flatMap(([word, id]) => (usages.includes(word) ? [id] : []))),
  ];
  return [
    ...(keyUsage ? [extension('2.5.29.15', true, keyUsage)] : []),
    ...(purposes.length > 0 ? [extension('2.5.29.37', false, sequence(...purposes.map(objectId)))] : []),
    extension('2.5.29.19', true, sequence()),
    extension('2.5.29.35', false, sequence(tagged(0, false, keyId(authorityKey)))),
    ...(request.alternativeNames ? [extension('2.5.29.17', false, Buffer.from(request.alternativeNames))] : []),
  ];
}

function keyUsageBits(usages: readonly string[]): Buffer | undefined {
  const set = usages.flatMap((usage) => KEY_USAGES[usage] ?? []);
  if (set.length === 0) return undefined;
  const last = Math.max(...set);
  const bytes = Buffer.alloc(Math.floor(last / 8) + 1);
  for (const bit of set) bytes[Math.floor(bit / 8)] = (bytes[Math.floor(bit / 8)] ?? 0) | (0x80 >> (bit % 8));
  return bits(bytes, 7 - (last % 8));
}
