import { generateKeyPairSync, sign } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { isSignedBy, keyFromJwk, keyId, publishedKey, readJwt, signJwt } from './jwt';

const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const other = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });

describe('JSON Web Tokens', () => {
  it('come back as they were signed, and are proven by the published key', () => {
    const token = signJwt({ sub: 'jane' }, privateKey);
    const jwt = readJwt(token)!;
    expect(jwt).toEqual({ header: { alg: 'ES256', kid: keyId(privateKey) }, claims: { sub: 'jane' } });
    expect(isSignedBy(token, jwt.header, keyFromJwk(publishedKey(privateKey))!)).toBe(true);
    expect(isSignedBy(token, jwt.header, keyFromJwk(publishedKey(other))!)).toBe(false);
  });

  it('are proven by RSA keys too, and never by an algorithm of another family', () => {
    const text = [{ alg: 'RS256' }, { sub: 'joe' }]
      .map((one) => Buffer.from(JSON.stringify(one)).toString('base64url'))
      .join('.');
    const token = `${text}.${sign('sha256', Buffer.from(text), rsa.privateKey).toString('base64url')}`;
    expect(isSignedBy(token, { alg: 'RS256' }, rsa.publicKey)).toBe(true);
    for (const alg of ['none', 'HS256', 'ES256', 'RS999'])
      expect(isSignedBy(token, { alg }, rsa.publicKey)).toBe(false);
  });

  it.each(['', 'a.b', 'a.b.c', `${Buffer.from('1').toString('base64url')}.e30.x`])('are not %j', (token) => {
    expect(readJwt(token)).toBeUndefined();
  });
});
