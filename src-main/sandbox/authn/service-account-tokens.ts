/** Tokens of service accounts: signed JWTs that say for whom, for how long, and bound to which object. */
import { createPublicKey, type KeyObject } from 'node:crypto';
import type { Clock } from '#common/base/clock';
import { randomUuid, type Random } from '#common/base/random';
import { isSignedBy, publishedKey, readJwt, signJwt, type Jwt } from '#main/base/jwt';
import { boundTokenUser, type BoundClaims, type BoundObject } from './bound-tokens';
import { LEGACY_ISSUER, secretTokenUser, type SecretClaims } from './secret-tokens';
import { ISSUER, InvalidToken, type Recognized, type TokenKind, type TokenObjects } from './token';

/** Tokens whose signature is known to be good: a Pod sends the same one again and again. */
const MOST_PROVEN = 1000;
const UNPROVEN = 'failed to verify signature';

export interface TokenRequest {
  namespace: string;
  serviceAccount: BoundObject;
  audiences: readonly string[];
  expirationSeconds: number;
  /** The object that the token ends with. */
  boundTo?: ({ kind: 'Pod' | 'Secret' | 'Node' } & BoundObject) | undefined;
  /** Where the Pod that it is bound to runs; the uid is missing for a node that nobody knows. */
  node?: { name: string; uid?: string } | undefined;
  /** Seconds after which the token is stale, though still good. */
  warnAfterSeconds?: number | undefined;
}

export interface TokenSource {
  clock: Clock;
  random: Random;
  /** An EC P-256 key. */
  key: KeyObject;
  objects: TokenObjects;
}

export class ServiceAccountTokens implements TokenKind {
  readonly #proven = new Set<string>();
  readonly #source: TokenSource;
  readonly #publicKey: KeyObject;

  constructor(source: TokenSource) {
    this.#source = source;
    this.#publicKey = createPublicKey(source.key);
  }

  issue(request: TokenRequest): string {
    const { namespace, serviceAccount, audiences, expirationSeconds, boundTo, node, warnAfterSeconds } = request;
    const now = Math.floor(this.#source.clock.now() / 1000);
    const bound = boundTo && { [boundTo.kind.toLowerCase()]: { name: boundTo.name, uid: boundTo.uid } };
    const claims: BoundClaims = {
      aud: audiences.length > 0 ? [...audiences] : [ISSUER],
      exp: now + expirationSeconds,
      iat: now,
      iss: ISSUER,
      jti: randomUuid(this.#source.random),
      'kubernetes.io': {
        namespace,
        ...(node ? { node } : {}),
        ...bound,
        serviceaccount: serviceAccount,
        ...(warnAfterSeconds ? { warnafter: now + warnAfterSeconds } : {}),
      },
      nbf: now,
      sub: `system:serviceaccount:${namespace}:${serviceAccount.name}`,
    };
    return signJwt(claims, this.#source.key);
  }

  /** Whom a token speaks for, to one of `audiences`; undefined for tokens of others. Throws InvalidToken. */
  recognize(token: string, audiences: readonly string[] = [ISSUER]): Recognized | undefined {
    const jwt = readJwt(token);
    const issuer = jwt?.claims['iss'];
    if (!jwt || (issuer !== ISSUER && issuer !== LEGACY_ISSUER)) return undefined;
    this.#prove(token, jwt);
    const { clock, objects } = this.#source;
    if (issuer === LEGACY_ISSUER) {
      const claims = jwt.claims as unknown as SecretClaims;
      return { user: secretTokenUser(token, claims, { objects, nowMs: clock.now() }), audiences: [ISSUER] };
    }
    const claims = jwt.claims as unknown as BoundClaims;
    const common = claims.aud.filter((one) => audiences.includes(one));
    if (common.length === 0) {
      const lists = [claims.aud, audiences].map((list) => `[${list.map((one) => JSON.stringify(one)).join(' ')}]`);
      throw new InvalidToken(`token audiences ${lists[0]} is invalid for the target audiences ${lists[1]}`);
    }
    return { user: boundTokenUser(claims, { objects, nowMs: clock.now() }), audiences: common };
  }

  #prove(token: string, { header }: Jwt): void {
    if (this.#proven.has(token)) return;
    if (!isSignedBy(token, header, this.#publicKey)) throw new InvalidToken(UNPROVEN);
    if (this.#proven.size >= MOST_PROVEN) this.#proven.clear();
    this.#proven.add(token);
  }

  /** Keys as `/openid/v1/jwks` publishes them. */
  jwks(): object {
    return { keys: [publishedKey(this.#source.key)] };
  }
}
