import type { Duplex } from 'node:stream';
import { createServer } from 'node:https';
import { connect, type AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { programCertificate } from '#main/base/x509/program-certificates';
import { callWebhook, type ServiceDialer } from './webhook-client';

const NAME = 'hook.tools.svc';
const cleanUp: (() => Promise<void>)[] = [];

/** A server behind the Service `hook` in `tools`. */
async function serviceWith(certificate: string): Promise<ServiceDialer> {
  const keyed = programCertificate(certificate);
  const server = createServer({ cert: keyed.certificate, key: keyed.key }, (request, response) => {
    response.end(JSON.stringify({ asked: request.headers.host, path: request.url }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanUp.push(async () => void server.close());
  const { port } = server.address() as AddressInfo;
  return {
    dial: async ({ namespace, name, port: asked }): Promise<Duplex> => {
      expect([namespace, name, asked]).toEqual(['tools', 'hook', 443]);
      return connect({ host: '127.0.0.1', port });
    },
  };
}

const call = (dialer: ServiceDialer, more: object = {}) =>
  callWebhook({
    config: { service: { namespace: 'tools', name: 'hook', path: '/check' }, ...more },
    body: {},
    timeoutSeconds: 5,
    dialer,
  });

describe('a webhook behind a Service', () => {
  afterEach(async () => {
    for (const end of cleanUp.splice(0)) await end();
  });

  it('is reached through the cluster, by the name of the Service', async () => {
    expect(await call(await serviceWith(NAME))).toEqual({ asked: `${NAME}:443`, path: '/check?timeout=5s' });
  });

  it('is not believed under another name', async () => {
    await expect(call(await serviceWith('other.svc'))).rejects.toThrow(
      `certificate is valid for other.svc, localhost, not ${NAME}`,
    );
  });

  it('is not believed when a bundle says whom to trust', async () => {
    const caBundle = Buffer.from(programCertificate('a.b').certificate).toString('base64');
    await expect(call(await serviceWith(NAME), { caBundle })).rejects.toThrow(
      'x509: certificate signed by unknown authority',
    );
  });
});
