import { ISSUER, InvalidToken, type Recognized, type TokenKind } from './token';
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
  readonly #kinds: readonly TokenKind[];
  readonly #static: ReadonlyMap<string, User>;

  /** `kinds` are asked in their order. */
  constructor(kinds: readonly TokenKind[], staticTokens: ReadonlyMap<string, User> = new Map()) {
    this.#kinds = kinds;
    this.#static = staticTokens;
  }

  /** The user; undefined for nobody in particular. Throws InvalidToken for a token that is not good. */
  authenticate({ user, certificate, authorization }: Credentials): User | undefined | Promise<User> {
    if (user) return authenticated(user);
    if (certificate?.commonName) {
      const { commonName, organizations, sha256 } = certificate;
      const extra = sha256 ? { extra: { [CREDENTIAL_ID]: [`X509SHA256=${sha256}`] } } : {};
      return authenticated({ name: commonName, groups: organizations, ...extra });
    }
    const token = /^Bearer\s+(\S+)$/i.exec(authorization ?? '')?.[1];
    return token ? this.recognize(token).then((recognized) => recognized.user) : undefined;
  }

  /** Whom a token speaks for. Throws InvalidToken for one that nobody knows, or that is not good. */
  async recognize(token: string, audiences: readonly string[] = [ISSUER]): Promise<Recognized> {
    const known = this.#static.get(token);
    if (known) return { user: authenticated(known), audiences: common(audiences) };
    for (const kind of this.#kinds) {
      const found = await kind.recognize(token, audiences);
      if (found) return { ...found, user: authenticated(found.user) };
    }
    throw new InvalidToken('');
  }
}

/** Tokens without audiences are for this server. */
const common = (audiences: readonly string[]): string[] => audiences.filter((one) => one === ISSUER);
