/** kube-webhook-certgen: makes the certificates of an admission webhook, and tells the configuration whom to trust. */
import { messageOf } from '#common/base/errors';
import { issueCertificate, keyText, newKey } from '#main/base/x509/certificate';
import { askApi, type ApiAnswer, type ApiCall } from './api-access';
import { flagValue, type ProgramContext } from './program-context';

const CENTURY_MS = 100 * 365 * 86_400_000;
const CONFIGURATIONS = '/apis/admissionregistration.k8s.io/v1';

export async function certgen(context: ProgramContext, signal: AbortSignal): Promise<number> {
  const run = new Run(context, signal);
  try {
    switch (context.argv[1]) {
      case 'create':
        return await run.create();
      case 'patch':
        return await run.patch();
      default:
        context.write('stdout', 'Use this to create a ca and signed certificates and patch admission webhooks\n');
        return 0;
    }
  } catch (failure) {
    run.log('fatal', messageOf(failure));
    return 1;
  }
}

/** One run of it, in the words of its flags. */
class Run {
  readonly #context: ProgramContext;
  readonly #signal: AbortSignal;

  constructor(context: ProgramContext, signal: AbortSignal) {
    this.#context = context;
    this.#signal = signal;
  }

  log(level: 'info' | 'fatal', msg: string): void {
    const time = new Date(this.#context.spec.clock.now()).toISOString().replace(/\.\d+Z$/, 'Z');
    this.#context.write('stderr', `${JSON.stringify({ level, msg, time })}\n`);
  }

  /** Keeps a Secret that is there. */
  async create(): Promise<number> {
    if ((await this.#ask({ method: 'GET', path: this.#secretPath() }, [404])).status !== 404) {
      this.log('info', 'secret already exists');
      return 0;
    }
    this.log('info', 'creating new secret');
    const metadata = { name: this.#flag('secret-name'), namespace: this.#flag('namespace') };
    const data = this.#certificates();
    const body = { apiVersion: 'v1', kind: 'Secret', metadata, type: 'Opaque', data };
    await this.#ask({ method: 'POST', path: this.#secretsPath(), body });
    return 0;
  }

  async patch(): Promise<number> {
    const { body } = await this.#ask({ method: 'GET', path: this.#secretPath() });
    const ca = (body as { data?: { ca?: string } }).data?.ca ?? '';
    const [mutating, validating] = [this.#isOn('patch-mutating'), this.#isOn('patch-validating')];
    const name = this.#flag('webhook-name');
    this.log('info', `patching webhook configurations '${name}' mutating=${mutating}, validating=${validating}`);
    if (validating) await this.#trust(`${CONFIGURATIONS}/validatingwebhookconfigurations/${name}`, ca);
    if (mutating) await this.#trust(`${CONFIGURATIONS}/mutatingwebhookconfigurations/${name}`, ca);
    this.log('info', 'Patched hook(s)');
    return 0;
  }

  async #trust(path: string, caBundle: string): Promise<void> {
    const { body } = await this.#ask({ method: 'GET', path });
    const { webhooks = [] } = body as { webhooks?: { clientConfig: object }[] };
    const failurePolicy = this.#flag('patch-failure-policy');
    const patched = webhooks.map((webhook) => ({
      ...webhook,
      clientConfig: { ...webhook.clientConfig, caBundle },
      ...(failurePolicy ? { failurePolicy } : {}),
    }));
    const contentType = 'application/merge-patch+json';
    await this.#ask({ method: 'PATCH', path, body: { webhooks: patched }, contentType });
  }

  #certificates(): Record<string, string> {
    const names = this.#flag('host').split(',');
    const authority = { subject: { commonName: 'nil1', organization: 'nil1' }, key: newKey() };
    const server = { subject: { commonName: names[0] ?? '', organization: 'nil2' }, key: newKey() };
    const nowMs = Date.now();
    const validity = { notBeforeMs: nowMs - 300_000, notAfterMs: nowMs + CENTURY_MS };
    const { subject, key } = authority;
    const files = {
      ca: issueCertificate({ subject, usage: 'authority', ...validity }, key, authority),
      [this.#flag('cert-name') || 'cert']: issueCertificate(
        { subject: server.subject, usage: 'server', names, ...validity },
        server.key,
        authority,
      ),
      [this.#flag('key-name') || 'key']: keyText(server.key),
    };
    return Object.fromEntries(Object.entries(files).map(([name, pem]) => [name, Buffer.from(pem).toString('base64')]));
  }

  /** Throws what the server says, unless it is one of the codes that are `expected`. */
  async #ask(call: ApiCall, expected: readonly number[] = []): Promise<ApiAnswer> {
    const answer = await askApi(this.#context, call, this.#signal);
    if (answer.status < 300 || expected.includes(answer.status)) return answer;
    throw new Error(`${(answer.body as { message?: string }).message ?? answer.status}`);
  }

  #flag(name: string): string {
    return flagValue(this.#context.argv, `--${name}`) ?? '';
  }

  /** Both are on unless they are turned off. */
  #isOn(name: string): boolean {
    return this.#flag(name) !== 'false';
  }

  #secretsPath(): string {
    return `/api/v1/namespaces/${this.#flag('namespace')}/secrets`;
  }

  #secretPath(): string {
    return `${this.#secretsPath()}/${this.#flag('secret-name')}`;
  }
}
