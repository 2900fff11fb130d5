/** Reads PKCS#10 requests for certificates, as clients send them in PEM. */
import { createPublicKey, verify, type KeyObject } from 'node:crypto';
import { DerError, elementsOf, objectIdText, onlyElement, type DerElement } from './der-reader';

export interface SigningRequest {
  commonName: string;
  organizations: string[];
  dnsNames: string[];
  emailAddresses: string[];
  /** In dotted or colon form. */
  ipAddresses: string[];
  uris: string[];
  /** The subject as it was written: a certificate takes it over. */
  subject: Uint8Array;
  /** SubjectPublicKeyInfo. */
  publicKey: Uint8Array;
  /** The SubjectAltName extension's value, where there is one. */
  alternativeNames: Uint8Array | undefined;
  /** Whether who asks holds the key; the error is Go's. */
  signatureError: string | undefined;
}

const LABEL = 'CERTIFICATE REQUEST';
const COMMON_NAME = '2.5.4.3';
const ORGANIZATION = '2.5.4.10';
const EXTENSION_REQUEST = '1.2.840.113549.1.9.14';
const SUBJECT_ALT_NAME = '2.5.29.17';

/** Throws an Error in the words of Go's parser. */
export function parseSigningRequest(pem: string): SigningRequest {
  const der = pemBlock(pem);
  if (!der) throw new DerError(`PEM block type must be ${LABEL}`);
  const [info, algorithm, signature] = elementsOf(onlyElement(der).content);
  if (!info || !algorithm || !signature) throw new DerError('asn1: syntax error: sequence truncated');
  const [version, subject, publicKey, attributes] = elementsOf(info.content);
  if (!version || !subject || !publicKey) throw new DerError('asn1: syntax error: sequence truncated');
  const names = alternativeNamesOf(attributes);
  const subjectParts = namesOf(subject);
  return {
    commonName: subjectParts.get(COMMON_NAME)?.at(-1) ?? '',
    organizations: subjectParts.get(ORGANIZATION) ?? [],
    ...generalNames(names),
    subject: subject.whole,
    publicKey: publicKey.whole,
    alternativeNames: names,
    signatureError: signatureError({ info, algorithm, signature, publicKey }),
  };
}

function pemBlock(text: string): Uint8Array | undefined {
  const found = /-----BEGIN ([^-]+)-----\s([\s\S]*?)-----END \1-----/.exec(text);
  return found?.[1] === LABEL ? Buffer.from(found[2] ?? '', 'base64') : undefined;
}

/** Values by the identifiers of their attributes, in their order. */
function namesOf(subject: DerElement): Map<string, string[]> {
  const names = new Map<string, string[]>();
  for (const set of elementsOf(subject.content)) {
    for (const attribute of elementsOf(set.content)) {
      const [id, value] = elementsOf(attribute.content);
      if (!id || !value) continue;
      const key = objectIdText(id.content);
      names.set(key, [...(names.get(key) ?? []), Buffer.from(value.content).toString('utf8')]);
    }
  }
  return names;
}

function alternativeNamesOf(attributes: DerElement | undefined): Uint8Array | undefined {
  for (const attribute of attributes ? elementsOf(attributes.content) : []) {
    const [id, values] = elementsOf(attribute.content);
    if (!id || !values || objectIdText(id.content) !== EXTENSION_REQUEST) continue;
    const [extensions] = elementsOf(values.content);
    for (const extension of extensions ? elementsOf(extensions.content) : []) {
      const parts = elementsOf(extension.content);
      const [name] = parts;
      if (name && objectIdText(name.content) === SUBJECT_ALT_NAME) return parts.at(-1)?.content;
    }
  }
  return undefined;
}

const EMAIL = 0x81;
const DNS = 0x82;
const URI = 0x86;
const IP = 0x87;

function generalNames(names: Uint8Array | undefined) {
  const all = names ? elementsOf(onlyElement(names).content) : [];
  const texts = (tag: number) =>
    all.filter((one) => one.tag === tag).map(({ content }) => Buffer.from(content).toString('latin1'));
  return {
    dnsNames: texts(DNS),
    emailAddresses: texts(EMAIL),
    uris: texts(URI),
    ipAddresses: all.filter(({ tag }) => tag === IP).map(({ content }) => addressText(content)),
  };
}

function addressText(bytes: Uint8Array): string {
  if (bytes.length === 4) return [...bytes].join('.');
  const groups = Buffer.from(bytes).toString('hex').match(/.{4}/g) ?? [];
  return groups.map((group) => Number.parseInt(group, 16).toString(16)).join(':');
}

const DIGESTS: Readonly<Record<string, string | null>> = {
  '1.2.840.113549.1.1.11': 'sha256',
  '1.2.840.113549.1.1.12': 'sha384',
  '1.2.840.113549.1.1.13': 'sha512',
  '1.2.840.10045.4.3.2': 'sha256',
  '1.2.840.10045.4.3.3': 'sha384',
  '1.2.840.10045.4.3.4': 'sha512',
  // Ed25519 has its own.
  '1.3.101.112': null,
};

const REFUSALS: Readonly<Record<string, string>> = {
  rsa: 'crypto/rsa: verification error',
  ec: 'x509: ECDSA verification failure',
  ed25519: 'x509: Ed25519 verification failure',
};

interface Signed {
  info: DerElement;
  algorithm: DerElement;
  signature: DerElement;
  publicKey: DerElement;
}

function signatureError({ info, algorithm, signature, publicKey }: Signed): string | undefined {
  const id = objectIdText(elementsOf(algorithm.content)[0]?.content ?? new Uint8Array());
  const digest = DIGESTS[id];
  const key = keyOf(publicKey.whole);
  if (digest === undefined || !key) return 'x509: cannot verify signature: algorithm unimplemented';
  // The first byte of a BIT STRING counts the bits that do not count.
  const isGood = verify(digest ?? undefined, info.whole, key, signature.content.subarray(1));
  return isGood ? undefined : REFUSALS[key.asymmetricKeyType ?? ''];
}

function keyOf(publicKey: Uint8Array): KeyObject | undefined {
  try {
    return createPublicKey({ key: Buffer.from(publicKey), format: 'der', type: 'spki' });
  } catch {
    return undefined;
  }
}
