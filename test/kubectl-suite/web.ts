import { createPrivateKey } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { join, normalize } from 'node:path';
import { issueCertificate, keyText, newKey } from '#main/base/x509/certificate';

const HOST = 'raw.githubusercontent.com';
const PREFIX = '/kubernetes/kubernetes/master/';
const DAY_MS = 86_400_000;

/**
 * The one site that the suite fetches a manifest from, answered with the module's own file: a proxy for `HTTPS_PROXY`, with
 * an authority for `SSL_CERT_FILE`. Everything else is refused.
 */
export class Web implements AsyncDisposable {
  readonly environment: Readonly<Record<string, string>>;
  readonly #proxy: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(proxy: Server, environment: Record<string, string>) {
    this.#proxy = proxy;
    this.environment = environment;
    proxy.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
  }

  /** `folder` holds the module's files. */
  static async open(folder: string): Promise<Web> {
    const { authority, certificate, key } = certificates();
    const authorityFile = join(folder, 'web-authority.crt');
    await writeFile(authorityFile, authority);
    const site = createSecureServer({ cert: certificate, key }, (request, response) => {
      const path = normalize(request.url ?? '/');
      if (!path.startsWith(PREFIX)) return void response.writeHead(404).end();
      readFile(join(folder, path.slice(PREFIX.length))).then(
        (content) => response.end(content),
        () => response.writeHead(404).end(),
      );
    });
    const proxy = createServer((_request, response) => response.writeHead(403).end());
    proxy.on('connect', (request, socket, head) => {
      if (request.url !== `${HOST}:443`) return void socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
      socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      if (head.length > 0) socket.unshift(head);
      site.emit('connection', socket);
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    const { port } = proxy.address() as AddressInfo;
    return new Web(proxy, {
      HTTPS_PROXY: `http://127.0.0.1:${port}`,
      NO_PROXY: '127.0.0.1,localhost',
      SSL_CERT_FILE: authorityFile,
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise<void>((resolve) => this.#proxy.close(() => resolve()));
  }
}

function certificates(): { authority: string; certificate: string; key: string } {
  const authorityKey = newKey();
  const subject = { commonName: 'web of the kubectl suite' };
  const issuer = { subject, key: createPrivateKey(keyText(authorityKey)) };
  const validity = { notBeforeMs: Date.now() - DAY_MS, notAfterMs: Date.now() + DAY_MS };
  const key = newKey();
  return {
    authority: issueCertificate({ subject, usage: 'authority', ...validity }, authorityKey, issuer),
    certificate: issueCertificate(
      { subject: { commonName: HOST }, usage: 'server', names: [HOST], ...validity },
      key,
      issuer,
    ),
    key: keyText(key),
  };
}
