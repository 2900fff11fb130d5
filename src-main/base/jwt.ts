/** JSON Web Tokens: signed with a key of this program, or verified with somebody's published ones. */
import { createHash, createPublicKey, sign, verify, type JsonWebKey, type KeyObject } from 'node:crypto';

export interface JwtHeader {
  alg: string;
  kid?: string;
}

/** A token taken apart; nothing about it is proven yet. */
export interface Jwt {
  header: JwtHeader;
  claims: Record<string, unknown>;
}

const DIGESTS: Readonly<Record<string, string>> = { '256': 'sha256', '384': 'sha384', '512': 'sha512' };

/** The token for `claims`; `key` is EC P-256. */
export function signJwt(claims: object, key: KeyObject): string {
  const signed = `${encoded({ alg: 'ES256', kid: keyId(key) })}.${encoded(claims)}`;
  const signature = sign('sha256', Buffer.from(signed), { key, dsaEncoding: 'ieee-p1363' });
  return `${signed}.${signature.toString('base64url')}`;
}

/** Undefined for what is no token at all. */
export function readJwt(token: string): Jwt | undefined {
  const parts = token.split('.');
  const [header, claims] = parts.slice(0, 2).map(decoded);
  if (parts.length !== 3 || !header || !claims) return undefined;
  return { header: header as unknown as JwtHeader, claims };
}

/** Whether `key` signed the token by the algorithm that the token names: RS, PS or ES with a digest. */
export function isSignedBy(token: string, { alg }: JwtHeader, key: KeyObject): boolean {
  const [header = '', claims = '', signature = ''] = token.split('.');
  const family = String(alg).slice(0, 2);
  const digest = DIGESTS[String(alg).slice(2)];
  if (!digest || !fits(family, key)) return false;
  const data = Buffer.from(`${header}.${claims}`);
  return verify(digest, data, parametersOf(family, key), Buffer.from(signature, 'base64url'));
}

const KEY_TYPES: Readonly<Record<string, string>> = { RS: 'rsa', PS: 'rsa', ES: 'ec' };

const fits = (family: string, key: KeyObject): boolean => KEY_TYPES[family] === key.asymmetricKeyType;

/** crypto.constants.RSA_PKCS1_PSS_PADDING */
const PSS_PADDING = 6;

function parametersOf(family: string, key: KeyObject) {
  if (family === 'ES') return { key, dsaEncoding: 'ieee-p1363' as const };
  return family === 'PS' ? { key, padding: PSS_PADDING } : { key };
}

/** By which a key is found among others: a digest of the public half. */
export function keyId(key: KeyObject): string {
  const der = publicHalf(key).export({ type: 'spki', format: 'der' });
  return createHash('sha256').update(der).digest('base64url');
}

/** The public half of an EC P-256 key as a JWKS publishes it. */
export function publishedKey(key: KeyObject): JsonWebKey {
  const { kty = '', crv = '', x = '', y = '' } = publicHalf(key).export({ format: 'jwk' });
  return { use: 'sig', kty, kid: keyId(key), crv, alg: 'ES256', x, y };
}

/** A key of a JWKS; undefined for kinds that are not known. */
export function keyFromJwk(jwk: JsonWebKey): KeyObject | undefined {
  try {
    return createPublicKey({ key: jwk, format: 'jwk' });
  } catch {
    return undefined;
  }
}

const publicHalf = (key: KeyObject): KeyObject => (key.type === 'private' ? createPublicKey(key) : key);

function decoded(part: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function encoded(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
