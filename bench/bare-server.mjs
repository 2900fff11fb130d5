// The least a TLS server can do with the same traffic: answers every POST with a few bytes and GET /kept with the same
// large buffer. What an API server costs is told in multiples of this one, on the same machine in the same run.
// usage: forked by run.mjs; sends { port } once it listens
import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import { createServer } from 'node:https';
import * as x509 from '@peculiar/x509';

/** A LIST of 5,000 small Pods has about this size. */
const KEPT_BYTES = 5_700_000;

const { key, cert } = await selfSigned();
const kept = Buffer.alloc(KEPT_BYTES, 'k');
const created = Buffer.from(JSON.stringify({ kind: 'Pod', apiVersion: 'v1', metadata: { name: 'p' } }));

const server = createServer({ key, cert }, (request, response) => {
  request.resume();
  request.on('end', () => {
    const body = request.url === '/kept' ? kept : created;
    response.writeHead(request.method === 'POST' ? 201 : 200, {
      'content-type': 'application/json',
      'content-length': body.length,
    });
    response.end(body);
  });
});
server.listen(0, '127.0.0.1', () => process.send?.({ port: server.address().port }));
process.on('disconnect', () => process.exit(0));

async function selfSigned() {
  x509.cryptoProvider.set(webcrypto);
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=bare',
    keys,
    signingAlgorithm: algorithm,
    notBefore: new Date(Date.now() - 60_000),
    notAfter: new Date(Date.now() + 3_600_000),
  });
  const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64');
  return {
    key: `-----BEGIN PRIVATE KEY-----\n${pkcs8}\n-----END PRIVATE KEY-----\n`,
    cert: certificate.toString('pem'),
  };
}
