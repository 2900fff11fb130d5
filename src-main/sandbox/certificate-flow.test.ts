import { generateKeyPairSync, sign } from 'node:crypto';
import { get as httpsGet } from 'node:https';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '#common/base/random';
import { Scope } from '#common/base/scope';
import { CertificateSigningRequests } from '#common/kube/resources';
import { bits, integer, objectId, sequence, set, tagged, utf8 } from '#main/base/x509/der';
import { systemClock } from '#main/base/system-clock';
import { createClient } from '#main/client/kube-client';
import { createInformers } from '#main/informer/informers';
import { createApiServer } from './apiserver/server';
import { signingController } from './controllers/certificates/signing';
import { EventWriter } from './controllers/runtime/event-recorder';
import { startControllers } from './controllers/runtime/start-controllers';
import { loopback } from './loopback';

/** A PKCS#10 request as PEM, with its key. */
function requestOf(commonName: string, organization: string) {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const name = (id: string, value: string) => set(sequence(objectId(id), utf8(value)));
  const info = sequence(
    integer(Buffer.from([0])),
    sequence(name('2.5.4.10', organization), name('2.5.4.3', commonName)),
    publicKey.export({ type: 'spki', format: 'der' }),
    tagged(0, true),
  );
  const der = sequence(info, sequence(objectId('1.2.840.10045.4.3.2')), bits(sign('sha256', info, privateKey)));
  return {
    pem: `-----BEGIN CERTIFICATE REQUEST-----\n${der.toString('base64')}\n-----END CERTIFICATE REQUEST-----\n`,
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

describe('a certificate that the cluster signed', () => {
  it('lets its owner in, as who it says', async () => {
    const scope = new Scope('certificate flow');
    await using _closing = { [Symbol.asyncDispose]: () => scope.close() };
    const clock = systemClock;
    const random = seededRandom(1);
    const server = scope.add(await createApiServer({ clock, random, nodes: () => undefined }));
    const client = createClient(loopback(server, { name: 'admin', groups: ['system:masters'] }), {
      clock,
      fieldManager: 't',
    });
    const informers = createInformers(client, { clock, random, scope, graceMs: 0 });
    const report = () => undefined;
    const events = new EventWriter({ client, clock, scope, report });
    const controllers = [signingController(server.certificates.authority, clock)];
    await startControllers(controllers, { client, informers, events, clock, scope, report });

    const { pem, key } = requestOf('jane', 'dev');
    const made = await client.create(CertificateSigningRequests, {
      metadata: { name: 'jane' },
      spec: {
        request: Buffer.from(pem).toString('base64'),
        signerName: 'kubernetes.io/kube-apiserver-client',
        usages: ['client auth'],
      },
    });
    const conditions = [{ type: 'Approved', status: 'True', reason: 'Test' }];
    await client.update(CertificateSigningRequests, { ...made, status: { conditions } }, { subresource: 'approval' });
    const issued = async () =>
      (await client.get(CertificateSigningRequests, { name: 'jane' })).status?.certificate ?? '';
    await expect.poll(issued).not.toBe('');

    const { url } = await server.listen(0);
    const cert = Buffer.from(await issued(), 'base64').toString();
    const text = await new Promise<string>((resolve, reject) => {
      const options = { cert, key, ca: server.certificates.authority.certificate };
      httpsGet(`${url}/api/v1/nodes`, options, (response) => {
        let body = '';
        response.on('data', (chunk: Buffer) => (body += chunk.toString()));
        response.on('end', () => resolve(body));
      }).once('error', reject);
    });
    expect(JSON.parse(text)).toMatchObject({
      code: 403,
      message: expect.stringContaining('User "jane" cannot list') as string,
    });
  });
});
