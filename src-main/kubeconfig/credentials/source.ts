import { readFile } from 'node:fs/promises';
import type { Clock } from '#common/base/clock';
import { messageOf, Problem } from '#common/base/errors';
import type { Credentials, CredentialSource } from '#main/base/credentials';
import type { ClusterEntry, UserEntry } from '../entries';
import { readPem } from '../pem';
import { ExecPlugin } from './exec-plugin';
import { OidcTokens } from './oidc';

export interface CredentialOptions {
  clock: Clock;
  env: Readonly<Record<string, string | undefined>>;
  /** Ends programs that still run when the connection closes. */
  signal?: AbortSignal;
}

/** Files are read again when they were last read this long ago, as client-go does with token files. */
const REREAD_MS = 60_000;

/** The credentials of `user` towards `cluster`. Nothing is read or started before the first request needs them. */
export function credentialsOf(user: UserEntry, cluster: ClusterEntry, options: CredentialOptions): CredentialSource {
  const source = methodOf(user, cluster, options);
  const headers = impersonationHeaders(user);
  return Object.keys(headers).length === 0 ? source : new Impersonating(source, headers);
}

/** Another source's credentials, sent on behalf of someone else. */
class Impersonating implements CredentialSource {
  readonly #source: CredentialSource;
  readonly #headers: Credentials['headers'];
  #last: { own: Credentials; sent: Credentials } | undefined;

  constructor(source: CredentialSource, headers: Credentials['headers']) {
    this.#source = source;
    this.#headers = headers;
  }

  async current(signal?: AbortSignal): Promise<Credentials> {
    const own = await this.#source.current(signal);
    if (this.#last?.own !== own) {
      this.#last = { own, sent: { ...own, headers: { ...own.headers, ...this.#headers } } };
    }
    return this.#last.sent;
  }

  refused(used: Credentials): boolean {
    return this.#last?.sent === used ? this.#source.refused(this.#last.own) : true;
  }
}

function methodOf(user: UserEntry, cluster: ClusterEntry, options: CredentialOptions): CredentialSource {
  if (user.exec) return new ExecPlugin(user.name, user.exec, cluster, options);
  if (user.authProvider) return new OidcTokens(user, user.authProvider, options);
  return new WrittenCredentials(user, options.clock);
}

/** What the kubeconfig says itself: certificate, token, token file, user and password. */
class WrittenCredentials implements CredentialSource {
  readonly #user: UserEntry;
  readonly #clock: Clock;
  #read: { credentials: Credentials; at: number } | undefined;

  constructor(user: UserEntry, clock: Clock) {
    this.#user = user;
    this.#clock = clock;
  }

  async current(): Promise<Credentials> {
    const now = this.#clock.now();
    if (!this.#read || now - this.#read.at >= REREAD_MS) {
      this.#read = { credentials: await readWritten(this.#user), at: now };
    }
    return this.#read.credentials;
  }

  /** A file may hold a newer token or certificate than the one that was refused. */
  refused(used: Credentials): boolean {
    const { tokenFile, clientCertificate, clientCertificateData } = this.#user;
    const mayChange = tokenFile !== undefined || (clientCertificate !== undefined && !clientCertificateData);
    if (!mayChange || this.#read?.credentials !== used || this.#read.at === this.#clock.now()) return false;
    this.#read = undefined;
    return true;
  }
}

async function readWritten(user: UserEntry): Promise<Credentials> {
  const place = { owner: user.name, file: user.file };
  const cert = await readPem({
    ...place,
    field: 'client-certificate',
    path: user.clientCertificate,
    data: user.clientCertificateData,
  });
  const key = await readPem({ ...place, field: 'client-key', path: user.clientKey, data: user.clientKeyData });
  const headers = await authorization(user);
  return { headers, ...(cert && key ? { certificate: { cert, key } } : {}) };
}

/** A token file wins over a token, which stands in when the file cannot be read (client-go transport/round_trippers.go). */
async function authorization(user: UserEntry): Promise<Record<string, string>> {
  const token = user.tokenFile ? await readToken(user, user.tokenFile) : user.token;
  if (token) return { authorization: `Bearer ${token}` };
  if (!user.username) return {};
  const basic = Buffer.from(`${user.username}:${user.password ?? ''}`).toString('base64');
  return { authorization: `Basic ${basic}` };
}

async function readToken({ name, token }: UserEntry, path: string): Promise<string> {
  try {
    return (await readFile(path, 'utf8')).trim();
  } catch (cause) {
    if (token) return token;
    throw new Problem(
      'token-file-missing',
      `The token file ${path} of the user "${name}" cannot be read: ${messageOf(cause)}`,
      {
        nextStep: 'Create the file, or correct tokenFile of the user.',
        cause,
      },
    );
  }
}

/** Impersonation headers as kube-apiserver reads them; keys of extras are percent-encoded. */
function impersonationHeaders({
  as,
  asUid,
  asGroups,
  asUserExtra,
}: UserEntry): Record<string, string | readonly string[]> {
  const headers: Record<string, string | readonly string[]> = {};
  if (as) headers['Impersonate-User'] = as;
  if (asUid) headers['Impersonate-Uid'] = asUid;
  if (asGroups.length > 0) headers['Impersonate-Group'] = asGroups;
  for (const [key, values] of Object.entries(asUserExtra)) {
    headers[`Impersonate-Extra-${encodeURIComponent(key)}`] = values;
  }
  return headers;
}
