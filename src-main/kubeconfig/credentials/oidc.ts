import { messageOf, Problem } from '#common/base/errors';
import type { Credentials, CredentialSource } from '#main/base/credentials';
import { orAborted } from '#main/base/linked-abort';
import type { AuthProviderEntry, UserEntry } from '../entries';
import { readPem } from '../pem';
import { fetchJson } from './fetch-json';
import type { CredentialOptions } from './source';

/** A token is renewed this long before it expires. */
const EARLY_MS = 10_000;
const REQUEST_TIMEOUT_MS = 20_000;

/**
 * The auth-provider `oidc` of client-go: an id-token, renewed with the refresh-token (OpenID Connect Core 12). The renewed
 * token lives in this process; the kubeconfig file is left alone.
 */
export class OidcTokens implements CredentialSource {
  readonly #user: string;
  readonly #file: string;
  readonly #config: AuthProviderEntry['config'];
  readonly #options: CredentialOptions;
  #credentials: Credentials | undefined;
  #expiresAt = 0;
  #refreshToken: string | undefined;
  #running: Promise<Credentials> | undefined;

  constructor(
    { name, file }: Pick<UserEntry, 'name' | 'file'>,
    { config }: AuthProviderEntry,
    options: CredentialOptions,
  ) {
    this.#user = name;
    this.#file = file;
    this.#config = config;
    this.#options = options;
    this.#refreshToken = config['refresh-token'];
    if (config['id-token']) this.#keep(config['id-token']);
  }

  async current(signal?: AbortSignal): Promise<Credentials> {
    if (this.#credentials && this.#options.clock.now() < this.#expiresAt - EARLY_MS) return this.#credentials;
    this.#running ??= this.#renew().finally(() => (this.#running = undefined));
    return orAborted(this.#running, signal);
  }

  refused(used: Credentials): boolean {
    if (this.#credentials !== used) return true;
    this.#expiresAt = 0;
    return this.#refreshToken !== undefined;
  }

  async #renew(): Promise<Credentials> {
    const issuer = this.#config['idp-issuer-url'];
    if (!this.#refreshToken || !issuer) throw this.#expired('there is no refresh-token');
    try {
      const tokens = await this.#exchange(await this.#tokenEndpoint(issuer), this.#refreshToken);
      this.#refreshToken = tokens.refresh_token ?? this.#refreshToken;
      if (!tokens.id_token) throw new Error('the answer has no id_token');
      return this.#keep(tokens.id_token);
    } catch (cause) {
      if (cause instanceof Problem) throw cause;
      throw this.#expired(messageOf(cause), cause);
    }
  }

  async #tokenEndpoint(issuer: string): Promise<string> {
    const found = await this.#fetch(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`);
    const endpoint = found['token_endpoint'];
    if (typeof endpoint !== 'string') throw new Error(`${issuer} names no token endpoint`);
    return endpoint;
  }

  async #exchange(endpoint: string, refreshToken: string): Promise<{ id_token?: string; refresh_token?: string }> {
    const form = new URLSearchParams({ grant_type: 'refresh_token', refresh_token: refreshToken });
    form.set('client_id', this.#config['client-id'] ?? '');
    if (this.#config['client-secret']) form.set('client_secret', this.#config['client-secret']);
    return this.#fetch(endpoint, form);
  }

  async #fetch(url: string, form?: URLSearchParams): Promise<Record<string, unknown>> {
    const { clock, signal } = this.#options;
    const ca = await this.#authority();
    return fetchJson(url, { ca, clock, signal, timeoutMs: REQUEST_TIMEOUT_MS, ...(form ? { form } : {}) });
  }

  /** The provider's own certificate authority, where the kubeconfig names one. */
  #authority(): Promise<string | undefined> {
    const { 'idp-certificate-authority': path, 'idp-certificate-authority-data': data } = this.#config;
    return readPem({ owner: this.#user, file: this.#file, field: 'idp-certificate-authority', path, data });
  }

  #keep(idToken: string): Credentials {
    this.#expiresAt = expiryOf(idToken);
    this.#credentials = { headers: { authorization: `Bearer ${idToken}` } };
    return this.#credentials;
  }

  #expired(reason: string, cause?: unknown): Problem {
    return new Problem('signed-out', `The OpenID Connect sign-in of the user "${this.#user}" has ended: ${reason}.`, {
      nextStep: 'Sign in again with your provider\u2019s tool, which writes new tokens into the kubeconfig file.',
      cause,
    });
  }
}

/** The `exp` of a JSON Web Token, in epoch milliseconds; 0 when it cannot be read, so that it is renewed. */
function expiryOf(token: string): number {
  try {
    const claims: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'));
    const isRead = typeof claims === 'object' && claims !== null && 'exp' in claims && typeof claims.exp === 'number';
    return isRead ? Number(claims.exp) * 1000 : 0;
  } catch {
    return 0;
  }
}
