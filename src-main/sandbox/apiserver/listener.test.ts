import { connect, type ClientHttp2Session } from 'node:http2';
import { expect, it } from 'vitest';
import { makeCertificates } from '#main/sandbox/authn/certificates';
import { textResponse } from './bodies';
import { listen } from './listener';

const REQUESTS = 1200;
const AT_ONCE = 32;
/** More than a client may send before somebody has read of it. */
const BODY = Buffer.alloc(70_000);

function statusOf(session: ClientHttp2Session): Promise<number> {
  return new Promise((resolve, reject) => {
    const stream = session.request({ ':method': 'PATCH', ':path': '/' });
    let status = 0;
    stream.once('response', (headers) => (status = Number(headers[':status'])));
    stream.once('end', () => resolve(status));
    stream.once('error', reject);
    stream.resume().end(BODY);
  });
}

it('keeps a connection whose requests are refused without a look at their bodies', async () => {
  const { authority, server, admin } = makeCertificates(Date.now());
  const tls = { authority: authority.certificate, certificate: server.certificate, key: server.key };
  const handle = () => Promise.resolve(textResponse(415, 'no\n'));
  await using listening = await listen({ port: 0, tls, handle, sessionMegabytes: 3 });
  const session = connect(listening.url, { ca: authority.certificate, cert: admin.certificate, key: admin.key });
  try {
    const some = async () => {
      for (let sent = 0; sent < REQUESTS / AT_ONCE; sent++) expect(await statusOf(session)).toBe(415);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, some));
  } finally {
    session.destroy();
  }
});
