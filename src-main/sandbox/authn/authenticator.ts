import type { ServiceAccountTokens } from './service-account-tokens';
import { authenticated, CREDENTIAL_ID, type User } from './user';

/** What a request brings to say who it is. */
export interface Credentials {
  /** In-process callers are believed. */
  user?: User | undefined;
  /** Of a certificate that the TLS layer has verified. */
  certificate?: { commonName: string; organizations: readonly string[]; sha256?: string } | undefined;
  /** The Authorization header. */
  authorization?: string | undefined;
}

/** Recognises clients by certificate or token. */
export class Authenticator {
  readonly #tokens: ServiceAccountTokens;
  readonly #static: ReadonlyMap<string, User>;

  constructor(tokens: ServiceAccountTokens, staticTokens: ReadonlyMap<string, User> = new Map()) {
    this.#tokens = tokens;
    this.#static = staticTokens;
  }

  /** The user; undefined for nobody in particular. Throws InvalidToken for a token that is not good. */
  authenticate({ user, certificate, authorization }: Credentials): User | undefined {
    if (user) return authenticated(user);
    if (certificate?.commonName) {
      const { commonName, organizations, sha256 } = certificate;
      const extra = sha256 ? { extra: { [CREDENTIAL_ID]: [`X509SHA256=${sha256}`] } } : {};
      return authenticated({ name: commonName, groups: organizations, ...extra });
    }
    const token = /^Bearer\s+(\S+)$/i.exec(authorization ?? '')?.[1];
    return token ? authenticated(this.#static.get(token) ?? this.#tokens.userOf(token)) : undefined;
  }
}
