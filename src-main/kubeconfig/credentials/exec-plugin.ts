import type { Clock } from '#common/base/clock';
import { messageOf, Problem } from '#common/base/errors';
import { findExecutable, runProgram, searchPath, type ProgramResult } from '#main/base/child-process';
import type { Credentials, CredentialSource } from '#main/base/credentials';
import { orAborted } from '#main/base/linked-abort';
import type { ClusterEntry, ExecEntry } from '../entries';
import type { CredentialOptions } from './source';

/** Long enough for a person to sign in with a browser that the plugin opens. */
const TIMEOUT_MS = 180_000;
/** A plugin whose answer is refused is not started again sooner: a server that says 401 to everything must not storm it. */
const MIN_RERUN_MS = 10_000;
/** Credentials are renewed this long before they expire. */
const EARLY_MS = 5_000;
const STDERR_KEPT = 4000;

interface Answer {
  credentials: Credentials;
  expiresAt: number;
  ranAt: number;
}

/** Credentials from a program (client.authentication.k8s.io v1 and v1beta1), kept until they expire or are refused. */
export class ExecPlugin implements CredentialSource {
  readonly #user: string;
  readonly #exec: ExecEntry;
  readonly #cluster: ClusterEntry;
  readonly #clock: Clock;
  readonly #options: CredentialOptions;
  #answer: Answer | undefined;
  #running: Promise<Answer> | undefined;

  constructor(user: string, exec: ExecEntry, cluster: ClusterEntry, options: CredentialOptions) {
    this.#user = user;
    this.#exec = exec;
    this.#cluster = cluster;
    this.#clock = options.clock;
    this.#options = options;
  }

  async current(signal?: AbortSignal): Promise<Credentials> {
    const kept = this.#answer;
    if (kept && this.#clock.now() < kept.expiresAt - EARLY_MS) return kept.credentials;
    // All requests that wait share one run; one that is given up does not end it for the others.
    this.#running ??= this.#run().finally(() => (this.#running = undefined));
    return (await orAborted(this.#running, signal)).credentials;
  }

  refused(used: Credentials): boolean {
    const kept = this.#answer;
    if (!kept || kept.credentials !== used) return true;
    if (this.#clock.now() - kept.ranAt < MIN_RERUN_MS) return false;
    this.#answer = undefined;
    return true;
  }

  async #run(): Promise<Answer> {
    const { command, args, interactiveMode } = this.#exec;
    if (interactiveMode === 'Always') throw this.#needsTerminal();
    const env = { ...this.#options.env, ...this.#ownEnvironment() };
    const file = await findExecutable(command, env);
    if (!file) throw this.#notFound(env);
    const ranAt = this.#clock.now();
    const result = await this.#execute(file, args, env);
    const answer = { ...(await this.#read(result)), ranAt };
    this.#answer = answer;
    return answer;
  }

  async #execute(
    file: string,
    args: readonly string[],
    env: Record<string, string | undefined>,
  ): Promise<ProgramResult> {
    const { clock, signal } = this.#options;
    try {
      return await runProgram({ file, args, env, clock, timeoutMs: TIMEOUT_MS, signal });
    } catch (cause) {
      if (signal?.aborted) throw cause;
      throw new Problem('plugin-failed', `The credential plugin ${file} cannot be started: ${messageOf(cause)}`, {
        nextStep: 'Check that the program is made for this computer and may be executed.',
        cause,
      });
    }
  }

  async #read(result: ProgramResult): Promise<Omit<Answer, 'ranAt'>> {
    const { command, apiVersion } = this.#exec;
    if (result.timedOut) throw this.#failed(`${command} did not answer within ${TIMEOUT_MS / 60_000} minutes`, result);
    if (result.code !== 0) throw this.#failed(exitText(command, result), result);
    const answer = parse(result.stdout);
    if (answer?.kind !== 'ExecCredential' || !answer.status)
      throw this.#failed(`${command} did not print an ExecCredential`, result);
    if (answer.apiVersion !== apiVersion) {
      throw this.#failed(
        `${command} answered with ${answer.apiVersion ?? 'no apiVersion'}, the kubeconfig asks for ${apiVersion}`,
        result,
      );
    }
    return { credentials: await this.#credentials(answer.status, result), expiresAt: expiryOf(answer.status) };
  }

  async #credentials(status: ExecStatus, result: ProgramResult): Promise<Credentials> {
    const { token, clientCertificateData, clientKeyData } = status;
    if (!token && !(clientCertificateData && clientKeyData)) {
      throw this.#failed(`${this.#exec.command} gave neither a token nor a client certificate with its key`, result);
    }
    const headers: Record<string, string> = token ? { authorization: `Bearer ${token}` } : {};
    if (!clientCertificateData || !clientKeyData) return { headers };
    return { headers, certificate: { cert: clientCertificateData, key: clientKeyData } };
  }

  #ownEnvironment(): Record<string, string> {
    const named = this.#exec.env.map(({ name, value }) => [name, value]);
    return { ...Object.fromEntries(named), KUBERNETES_EXEC_INFO: JSON.stringify(this.#execInfo()) };
  }

  #execInfo(): unknown {
    const { apiVersion, provideClusterInfo } = this.#exec;
    const spec = { ...(provideClusterInfo ? { cluster: this.#clusterInfo() } : {}), interactive: false };
    return { kind: 'ExecCredential', apiVersion, spec };
  }

  #clusterInfo(): Record<string, unknown> {
    const cluster = this.#cluster;
    return {
      server: cluster.server,
      ...(cluster.tlsServerName ? { 'tls-server-name': cluster.tlsServerName } : {}),
      ...(cluster.insecureSkipTlsVerify ? { 'insecure-skip-tls-verify': true } : {}),
      ...(cluster.certificateAuthorityData ? { 'certificate-authority-data': cluster.certificateAuthorityData } : {}),
      ...(cluster.proxyUrl ? { 'proxy-url': cluster.proxyUrl } : {}),
      ...(cluster.disableCompression ? { 'disable-compression': true } : {}),
      config: cluster.execConfig ?? null,
    };
  }

  #notFound(env: Readonly<Record<string, string | undefined>>): Problem {
    const { command, installHint } = this.#exec;
    return new Problem(
      'plugin-not-found',
      `The credential plugin "${command}" of the user "${this.#user}" was not found.`,
      {
        nextStep: installHint ?? `Install "${command}", or start Pilothouse with a PATH that has it.`,
        details: `PATH searched:\n${searchPath(env).join('\n')}`,
      },
    );
  }

  #needsTerminal(): Problem {
    const { command, args } = this.#exec;
    return new Problem('plugin-needs-terminal', `The credential plugin "${command}" only works in a terminal.`, {
      nextStep: `Sign in with ${[command, ...args].join(' ')} in a terminal, or set interactiveMode of the user to IfAvailable.`,
    });
  }

  #failed(message: string, { stderr }: ProgramResult): Problem {
    return new Problem('plugin-failed', `The credential plugin of the user "${this.#user}" failed: ${message}.`, {
      nextStep: this.#exec.installHint ?? 'Sign in again with the tool that wrote the context.',
      details: stderr.slice(-STDERR_KEPT).trim(),
    });
  }
}

interface ExecStatus {
  token?: string;
  clientCertificateData?: string;
  clientKeyData?: string;
  expirationTimestamp?: string;
}

interface ExecCredential {
  apiVersion?: string;
  kind?: string;
  status?: ExecStatus;
}

function parse(text: string): ExecCredential | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    // Said by the caller: what was printed is not an ExecCredential.
    return undefined;
  }
}

/** Without a timestamp the answer holds until it is refused or the program ends. */
function expiryOf({ expirationTimestamp }: ExecStatus): number {
  const time = expirationTimestamp ? Date.parse(expirationTimestamp) : Number.NaN;
  return Number.isNaN(time) ? Number.POSITIVE_INFINITY : time;
}

function exitText(command: string, { code, stderr }: ProgramResult): string {
  const last = stderr.trim().split('\n').at(-1) ?? '';
  const ended = code === undefined ? 'was ended' : `ended with code ${code}`;
  return `${command} ${ended}${last ? ` (${last.slice(0, 300)})` : ''}`;
}
