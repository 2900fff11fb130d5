/** ID tokens of an OpenID Connect issuer, told apart and read as kube-apiserver's `--oidc-*` flags say. */
import type { JsonWebKey, KeyObject } from 'node:crypto';
import { get as httpsGet } from 'node:https';
import type { Clock } from '#common/base/clock';
import { isSignedBy, keyFromJwk, readJwt, type Jwt } from '#main/base/jwt';
import { ISSUER, InvalidToken, type Recognized, type TokenKind } from './token';
import type { User } from './user';

/** Named after the flags of kube-apiserver. */
export interface OidcOptions {
  /** `https://…`, without a slash at the end unless the issuer writes one. */
  issuerUrl: string;
  clientId: string;
  /** `sub` unless given. */
  usernameClaim?: string | undefined;
  /** The issuer's URL and `#` unless given, for other claims than `email`; `-` for none. */
  usernamePrefix?: string | undefined;
  groupsClaim?: string | undefined;
  groupsPrefix?: string | undefined;
  requiredClaims?: Readonly<Record<string, string>> | undefined;
  /** PEM of who vouches for the issuer's server; the computer's own authorities unless given. */
  caPem?: string | undefined;
  /** `RS256` unless given. */
  signingAlgorithms?: readonly string[] | undefined;
}

/** Keys are asked for again when a token names one that is not known, but not more often than this. */
const REFRESH_MS = 10_000;
const WAIT_MS = 10_000;

interface PublishedKey {
  id: string | undefined;
  key: KeyObject;
}

export class OidcTokens implements TokenKind {
  readonly #options: OidcOptions;
  readonly #clock: Clock;
  #keys: readonly PublishedKey[] = [];
  #askedMs = Number.NEGATIVE_INFINITY;
  #asking: Promise<void> | undefined;

  /** `clock` is the computer's: issuers write their times by theirs. */
  constructor(options: OidcOptions, clock: Clock) {
    this.#options = options;
    this.#clock = clock;
  }

  async recognize(token: string): Promise<Recognized | undefined> {
    const jwt = readJwt(token);
    if (jwt?.claims['iss'] !== this.#options.issuerUrl) return undefined;
    await this.#prove(token, jwt);
    checkClaims(jwt.claims, this.#options, this.#clock.now());
    return { user: userOf(jwt.claims, this.#options), audiences: [ISSUER] };
  }

  async #prove(token: string, jwt: Jwt): Promise<void> {
    const { signingAlgorithms = ['RS256'] } = this.#options;
    if (!signingAlgorithms.includes(jwt.header.alg)) {
      const expected = `[${signingAlgorithms.map((one) => JSON.stringify(one)).join(' ')}]`;
      throw new InvalidToken(
        `oidc: malformed jwt: unexpected signature algorithm "${jwt.header.alg}"; expected ${expected}`,
      );
    }
    if (this.#isProven(token, jwt)) return;
    await this.#refresh();
    if (this.#isProven(token, jwt)) return;
    throw new InvalidToken('oidc: failed to verify signature: fetching keys oidc: no key fits');
  }

  #isProven(token: string, { header }: Jwt): boolean {
    return this.#keys.some(
      ({ id, key }) => (!header.kid || id === undefined || id === header.kid) && isSignedBy(token, header, key),
    );
  }

  /** One request at a time, and not for every wrong token. */
  async #refresh(): Promise<void> {
    if (!this.#asking && this.#clock.now() - this.#askedMs < REFRESH_MS) return;
    this.#asking ??= this.#fetchKeys().finally(() => (this.#asking = undefined));
    await this.#asking;
  }

  async #fetchKeys(): Promise<void> {
    this.#askedMs = this.#clock.now();
    const { issuerUrl, caPem } = this.#options;
    const place = `${issuerUrl.replace(/\/$/, '')}/.well-known/openid-configuration`;
    const { issuer, jwks_uri: keysUrl } = await getJson<{ issuer?: string; jwks_uri?: string }>(place, caPem);
    if (issuer !== issuerUrl || !keysUrl) {
      throw new InvalidToken(
        `oidc: issuer did not match the issuer returned by provider, expected "${issuerUrl}" got "${issuer}"`,
      );
    }
    const { keys = [] } = await getJson<{ keys?: (JsonWebKey & { kid?: string })[] }>(keysUrl, caPem);
    this.#keys = keys.flatMap((jwk) => {
      const key = keyFromJwk(jwk);
      return key ? [{ id: jwk.kid, key }] : [];
    });
  }
}

type Claims = Record<string, unknown>;

/** Throws InvalidToken for claims that are not for this cluster, or not for now. */
export function checkClaims(claims: Claims, { clientId, requiredClaims = {} }: OidcOptions, nowMs: number): void {
  const audiences = [claims['aud']].flat();
  if (!audiences.includes(clientId)) {
    const got = `[${audiences.map((one) => JSON.stringify(one)).join(' ')}]`;
    throw new InvalidToken(`oidc: verify token: oidc: expected audience in [${JSON.stringify(clientId)}] got ${got}`);
  }
  const { exp, nbf } = claims;
  if (typeof exp !== 'number' || exp * 1000 < nowMs)
    throw new InvalidToken('oidc: verify token: oidc: token is expired');
  if (typeof nbf === 'number' && nbf * 1000 > nowMs + REFRESH_MS) {
    throw new InvalidToken('oidc: verify token: oidc: current time before the nbf (not before) time');
  }
  for (const [name, value] of Object.entries(requiredClaims)) {
    if (claims[name] === undefined) throw new InvalidToken(`oidc: required claim ${name} not present in ID token`);
    if (claims[name] !== value) {
      throw new InvalidToken(
        `oidc: required claim ${name} value does not match. Got = ${String(claims[name])}, want = ${value}`,
      );
    }
  }
}

export function userOf(claims: Claims, options: OidcOptions): User {
  const { usernameClaim = 'sub', groupsClaim, groupsPrefix = '' } = options;
  const name = claims[usernameClaim];
  if (typeof name !== 'string') throw new InvalidToken(`oidc: could not parse username claim "${usernameClaim}"`);
  if (usernameClaim === 'email' && 'email_verified' in claims && claims['email_verified'] !== true) {
    throw new InvalidToken('oidc: email not verified');
  }
  return { name: `${usernamePrefixOf(options)}${name}`, groups: groupsOf(claims, groupsClaim, groupsPrefix) };
}

function usernamePrefixOf({ usernameClaim = 'sub', usernamePrefix, issuerUrl }: OidcOptions): string {
  if (usernamePrefix === '-') return '';
  if (usernamePrefix) return usernamePrefix;
  return usernameClaim === 'email' ? '' : `${issuerUrl}#`;
}

function groupsOf(claims: Claims, claim: string | undefined, prefix: string): string[] {
  const value = claim === undefined ? undefined : claims[claim];
  if (value === undefined || value === null) return [];
  const groups = [value].flat();
  if (!groups.every((one): one is string => typeof one === 'string')) {
    throw new InvalidToken(`oidc: parse groups claim "${claim}": not a list of texts`);
  }
  return groups.map((group) => `${prefix}${group}`);
}

function getJson<T>(url: string, ca: string | undefined): Promise<T> {
  return new Promise((resolve, reject) => {
    const fail = (why: string) => reject(new InvalidToken(`oidc: authenticator not initialized: ${why}`));
    const request = httpsGet(url, { ...(ca ? { ca } : {}), timeout: WAIT_MS }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (part: string) => (text += part));
      response.once('error', (problem) => fail(problem.message));
      response.once('end', () => {
        try {
          resolve(JSON.parse(text) as T);
        } catch {
          fail(`${url} answered no JSON`);
        }
      });
    });
    request.once('timeout', () => request.destroy(new Error('no answer in time')));
    request.once('error', (problem) => fail(problem.message));
  });
}
