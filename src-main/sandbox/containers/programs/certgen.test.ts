import { X509Certificate } from 'node:crypto';
import { createServer, type Server } from 'node:https';
import { connect, type AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { programAuthority, programCertificate } from '#main/base/x509/program-certificates';
import { TestNetwork, testContainer } from '#test/harness/test-container';
import { PodVolume } from '../container-files';

const SECRETS = '/api/v1/namespaces/ingress/secrets';
const WEBHOOK = '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/admission';

/** An API server of a few objects by path; it notes what it is asked. */
class SmallServer {
  readonly objects = new Map<string, object>();
  readonly asked: string[] = [];
  readonly #server: Server;

  constructor() {
    const { certificate, key } = programCertificate('kubernetes.default.svc');
    this.#server = createServer({ cert: certificate, key }, (request, response) => {
      void text(request).then((body) => {
        this.asked.push(`${request.headers.authorization} ${request.method} ${request.url}`);
        const sent = body ? (JSON.parse(body) as { metadata?: { name: string } }) : undefined;
        if (request.method === 'POST') this.objects.set(`${request.url}/${sent?.metadata?.name}`, sent!);
        if (request.method === 'PATCH') this.objects.set(request.url!, { ...this.objects.get(request.url!), ...sent });
        const found = this.objects.get(request.url!) ?? sent;
        response.writeHead(found ? 200 : 404).end(JSON.stringify(found ?? { message: `${request.url} not found` }));
      });
    });
  }

  async open(): Promise<number> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return (this.#server.address() as AddressInfo).port;
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}

describe('kube-webhook-certgen', () => {
  let server: SmallServer;
  let network: TestNetwork;

  beforeEach(async () => {
    server = new SmallServer();
    const port = await server.open();
    network = new TestNetwork();
    network.connect = async () => connect({ host: '127.0.0.1', port });
  });

  afterEach(() => server.close());

  async function run(...args: string[]) {
    const volume = new PodVolume(
      new Map([
        ['ca.crt', programAuthority()],
        ['token', 'secret-token'],
      ]),
    );
    const mounts = [{ path: '/var/run/secrets/kubernetes.io/serviceaccount', volume }];
    const container = testContainer('registry.k8s.io/ingress-nginx/kube-webhook-certgen:v1.5.2', {
      args,
      network,
      mounts,
      env: {},
      files: () => ({ '/etc/hosts': '10.96.0.1 kubernetes.default.svc\n' }),
    });
    const { exitCode } = await container.run();
    return { exitCode, log: container.log.lines.map((line) => (JSON.parse(line.text) as { msg: string }).msg) };
  }

  const flags = ['--namespace=ingress', '--secret-name=certs'];

  it('makes a Secret with certificates for the names, once', async () => {
    const create = ['create', '--host=hook,hook.ingress.svc', ...flags];
    expect(await run(...create)).toEqual({ exitCode: 0, log: ['creating new secret'] });
    const { data } = server.objects.get(`${SECRETS}/certs`) as { data: Record<string, string> };
    const [ca, cert] = ['ca', 'cert'].map((name) => new X509Certificate(Buffer.from(data[name]!, 'base64')));
    expect(cert!.checkHost('hook.ingress.svc')).toBe('hook.ingress.svc');
    expect(cert!.verify(ca!.publicKey)).toBe(true);
    expect(await run(...create)).toEqual({ exitCode: 0, log: ['secret already exists'] });
    expect(server.asked[0]).toBe(`Bearer secret-token GET ${SECRETS}/certs`);
  });

  it('tells the webhook whom to trust', async () => {
    server.objects.set(`${SECRETS}/certs`, { data: { ca: 'Y2E=' } });
    server.objects.set(WEBHOOK, { webhooks: [{ name: 'a', clientConfig: { service: { name: 'hook' } } }] });
    const patch = ['patch', '--webhook-name=admission', '--patch-mutating=false', '--patch-failure-policy=Fail'];
    expect((await run(...patch, ...flags)).exitCode).toBe(0);
    expect(server.objects.get(WEBHOOK)).toEqual({
      webhooks: [{ name: 'a', failurePolicy: 'Fail', clientConfig: { service: { name: 'hook' }, caBundle: 'Y2E=' } }],
    });
  });

  it('ends with what the server says', async () => {
    expect(await run('patch', '--webhook-name=admission', ...flags)).toEqual({
      exitCode: 1,
      log: [`${SECRETS}/certs not found`],
    });
  });
});
