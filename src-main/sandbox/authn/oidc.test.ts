import { generateKeyPairSync, sign } from 'node:crypto';
import { createServer, type Server } from 'node:https';
import { describe, expect, it } from 'vitest';
import { systemClock } from '#main/base/system-clock';
import { makeCertificates } from './certificates';
import { checkClaims, OidcTokens, userOf } from './oidc';

const issuerUrl = 'https://issuer.example';
const options = { issuerUrl, clientId: 'cluster' };

describe('userOf', () => {
  it.each([
    ['the subject, with the issuer before it', {}, { sub: 'jane' }, { name: `${issuerUrl}#jane`, groups: [] }],
    ['no prefix', { usernamePrefix: '-' }, { sub: 'jane' }, { name: 'jane', groups: [] }],
    ['a prefix of its own', { usernamePrefix: 'oidc:' }, { sub: 'jane' }, { name: 'oidc:jane', groups: [] }],
    [
      'the mail, without a prefix',
      { usernameClaim: 'email' },
      { email: 'j@example.com', email_verified: true },
      { name: 'j@example.com', groups: [] },
    ],
    [
      'groups',
      { groupsClaim: 'roles', groupsPrefix: 'g:' },
      { sub: 'a', roles: ['x', 'y'] },
      { name: `${issuerUrl}#a`, groups: ['g:x', 'g:y'] },
    ],
    ['one group', { groupsClaim: 'roles' }, { sub: 'a', roles: 'x' }, { name: `${issuerUrl}#a`, groups: ['x'] }],
  ])('reads %s', (_case, more, claims, user) => {
    expect(userOf(claims, { ...options, ...more })).toEqual(user);
  });

  it.each([
    ['no name', {}, {}, 'oidc: could not parse username claim "sub"'],
    [
      'a mail that nobody verified',
      { usernameClaim: 'email' },
      { email: 'a', email_verified: false },
      'oidc: email not verified',
    ],
    [
      'groups that are none',
      { groupsClaim: 'roles' },
      { sub: 'a', roles: [1] },
      'oidc: parse groups claim "roles": not a list of texts',
    ],
  ])('refuses %s', (_case, more, claims, problem) => {
    expect(() => userOf(claims, { ...options, ...more })).toThrow(problem);
  });
});

describe('checkClaims', () => {
  const good = { aud: 'cluster', exp: 2000 };
  it.each([
    ['a good token', good, {}, undefined],
    ['one of several audiences', { ...good, aud: ['a', 'cluster'] }, {}, undefined],
    ['another audience', { ...good, aud: 'other' }, {}, 'expected audience in ["cluster"] got ["other"]'],
    ['an old one', { ...good, exp: 999 }, {}, 'token is expired'],
    ['one without an end', { aud: 'cluster' }, {}, 'token is expired'],
    ['one for later', { ...good, nbf: 1900 }, {}, 'current time before the nbf'],
    ['one that lacks a claim', good, { hd: 'example.com' }, 'required claim hd not present in ID token'],
    [
      'one with another value',
      { ...good, hd: 'b' },
      { hd: 'a' },
      'required claim hd value does not match. Got = b, want = a',
    ],
  ])('%s', (_case, claims, requiredClaims, problem) => {
    const check = () => checkClaims(claims, { ...options, requiredClaims }, 1_000_000);
    if (problem === undefined) expect(check).not.toThrow();
    else expect(check).toThrow(problem);
  });
});

/** An issuer on this computer. */
class TestIssuer implements AsyncDisposable {
  readonly #server: Server;
  readonly #keys = generateKeyPairSync('rsa', { modulusLength: 2048 });
  readonly url: string;
  readonly caPem: string;
  asked = 0;

  private constructor(server: Server, caPem: string) {
    this.#server = server;
    this.caPem = caPem;
    this.url = `https://127.0.0.1:${(server.address() as { port: number }).port}`;
    server.on('request', (request, response) => {
      this.asked++;
      const jwk = { ...this.#keys.publicKey.export({ format: 'jwk' }), kid: 'one', use: 'sig', alg: 'RS256' };
      const documents: Record<string, unknown> = {
        '/.well-known/openid-configuration': { issuer: this.url, jwks_uri: `${this.url}/keys` },
        '/keys': { keys: [{ kty: 'strange' }, jwk] },
      };
      response.end(JSON.stringify(documents[request.url ?? '']));
    });
  }

  static async open(): Promise<TestIssuer> {
    const { authority, server: keyed } = makeCertificates(Date.now());
    const server = createServer({ cert: keyed.certificate, key: keyed.key });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new TestIssuer(server, authority.certificate);
  }

  token(claims: object, kid = 'one'): string {
    const whole = { iss: this.url, aud: 'cluster', exp: Math.floor(Date.now() / 1000) + 600, ...claims };
    const signed = [{ alg: 'RS256', kid }, whole]
      .map((one) => Buffer.from(JSON.stringify(one)).toString('base64url'))
      .join('.');
    return `${signed}.${sign('sha256', Buffer.from(signed), this.#keys.privateKey).toString('base64url')}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

describe('OidcTokens', () => {
  it('believes the tokens of its issuer, whose keys it asks for once', async () => {
    await using issuer = await TestIssuer.open();
    const tokens = new OidcTokens(
      { issuerUrl: issuer.url, clientId: 'cluster', caPem: issuer.caPem, usernamePrefix: '-' },
      systemClock,
    );
    expect(issuer.asked).toBe(0);
    expect((await tokens.recognize(issuer.token({ sub: 'jane' })))?.user).toEqual({ name: 'jane', groups: [] });
    expect((await tokens.recognize(issuer.token({ sub: 'joe' })))?.user.name).toBe('joe');
    expect(issuer.asked).toBe(2);
  });

  it('leaves tokens of others alone, and refuses what is not signed', async () => {
    await using issuer = await TestIssuer.open();
    const tokens = new OidcTokens({ issuerUrl: issuer.url, clientId: 'cluster', caPem: issuer.caPem }, systemClock);
    expect(await tokens.recognize(issuer.token({ sub: 'a', iss: 'https://other' }))).toBeUndefined();
    expect(await tokens.recognize('abc')).toBeUndefined();
    await expect(tokens.recognize(`${issuer.token({ sub: 'a' })}x`)).rejects.toThrow('failed to verify signature');
    await expect(tokens.recognize(issuer.token({ sub: 'a' }, 'two'))).rejects.toThrow('failed to verify signature');
    // Wrong tokens do not make it ask again and again.
    expect(issuer.asked).toBe(2);
  });

  it('says why an issuer cannot be asked', async () => {
    await using issuer = await TestIssuer.open();
    const tokens = new OidcTokens({ issuerUrl: issuer.url, clientId: 'cluster' }, systemClock);
    await expect(tokens.recognize(issuer.token({ sub: 'a' }))).rejects.toThrow('oidc: authenticator not initialized:');
  });
});
