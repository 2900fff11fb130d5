import * as http from 'node:http';
import * as https from 'node:https';
import * as net from 'node:net';
import type { TLSSocket } from 'node:tls';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocketServer } from 'ws';
import { Problem } from '#common/base/errors';
import { ApiStatusError } from '#common/kube/status-error';
import type { CredentialSource } from '#main/base/credentials';
import { createAuthority, type Identity, type TestAuthority } from '#test/contracts/certificates';
import { createHttpsCarrier, type HttpsCarrierOptions } from './https-carrier';

type Handler = (request: http.IncomingMessage, response: http.ServerResponse) => void;

let authority: TestAuthority;
let own: Identity;
const toClose: net.Server[] = [];

async function listen<T extends net.Server>(server: T): Promise<T & { port: number }> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  toClose.push(server);
  return Object.assign(server, { port: (server.address() as net.AddressInfo).port });
}

async function serve(handler: Handler, options: https.ServerOptions = {}) {
  return listen(https.createServer({ ...own, ...options }, handler));
}

const carrierTo = (port: number, options: Partial<HttpsCarrierOptions> = {}) =>
  createHttpsCarrier({ server: `https://127.0.0.1:${port}`, trust: { ca: authority.ca }, env: {}, ...options });

beforeAll(async () => {
  authority = await createAuthority();
  own = await authority.issue({ name: 'server', dns: ['api.example'], ips: ['127.0.0.1'] });
});

afterAll(() => {
  for (const server of toClose) {
    if (server instanceof http.Server || server instanceof https.Server) server.closeAllConnections();
    server.close();
  }
});

describe('the HTTPS carrier', () => {
  it('sends method, path, repeated query values, headers and a JSON body', async () => {
    const seen: unknown[] = [];
    const server = await serve(async (request, response) => {
      let body = '';
      for await (const chunk of request) body += String(chunk);
      seen.push(request.method, request.url, request.headers['content-type'], request.headers['x-one'], body);
      response.setHeader('content-type', 'application/json').end('{"ok":true}');
    });
    const carrier = carrierTo(server.port, { server: `https://127.0.0.1:${server.port}/k8s/clusters/c-1/` });
    const response = await carrier.send({
      method: 'POST',
      path: '/api/v1/pods',
      query: { command: ['ls', '/a b'], absent: undefined },
      headers: { 'x-one': '1' },
      body: { kind: 'Pod' },
    });
    expect(await response.json()).toEqual({ ok: true });
    expect(seen).toEqual([
      'POST',
      '/k8s/clusters/c-1/api/v1/pods?command=ls&command=%2Fa+b',
      'application/json',
      '1',
      '{"kind":"Pod"}',
    ]);
    await carrier.close();
  });

  it('gives values of a watch as they come, across chunk borders', async () => {
    const server = await serve((_, response) => {
      response.write('{"a":1}\n{"a"');
      setImmediate(() => response.write(':"é'.slice(0, 2)));
      setImmediate(() => response.end('é"}\n\n{"a":3}\n'));
    });
    const carrier = carrierTo(server.port);
    const values: unknown[] = [];
    for await (const value of (await carrier.send({ method: 'GET', path: '/' })).lines()) values.push(value);
    expect(values).toEqual([{ a: 1 }, { a: 'é' }, { a: 3 }]);
    await carrier.close();
  });

  it('decodes gzip', async () => {
    const server = await serve((_, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip', 'content-type': 'application/json' });
      response.end(gzipSync('{"big":true}'));
    });
    const carrier = carrierTo(server.port);
    const response = await carrier.send({ method: 'GET', path: '/' });
    expect(await response.json()).toEqual({ big: true });
    await carrier.close();
  });

  it('keeps its connection for the next request', async () => {
    let connections = 0;
    const server = await serve((_, response) => void response.end('{}'));
    server.on('secureConnection', () => connections++);
    const carrier = carrierTo(server.port);
    for (let i = 0; i < 3; i++) await (await carrier.send({ method: 'GET', path: '/' })).json();
    expect(connections).toBe(1);
    await carrier.close();
  });

  it('ends a stream with the reason it was aborted for', async () => {
    const server = await serve((_, response) => void response.write('{"a":1}\n'));
    const carrier = carrierTo(server.port);
    const controller = new AbortController();
    const response = await carrier.send({ method: 'GET', path: '/', signal: controller.signal });
    const reading = (async () => {
      for await (const _ of response.lines()) controller.abort(new Error('enough'));
    })();
    await expect(reading).rejects.toThrow('enough');
    await expect(carrier.send({ method: 'GET', path: '/', signal: controller.signal })).rejects.toThrow('enough');
    await carrier.close();
  });

  it('tells a stream that was cut from one that ended', async () => {
    const server = await serve((_, response) => {
      response.write('{"a":1}\n');
      setImmediate(() => response.socket?.destroy());
    });
    const carrier = carrierTo(server.port);
    const response = await carrier.send({ method: 'GET', path: '/' });
    const reading = (async () => {
      for await (const _ of response.lines()) continue;
    })();
    await expect(reading).rejects.toMatchObject({ code: 'unreachable', message: expect.stringContaining('was cut') });
    await carrier.close();
  });

  it('shows its client certificate, and impersonation as repeated headers', async () => {
    const client = await authority.issue({ name: 'jane' });
    let subject = '';
    let groups: string[] | undefined;
    const server = await serve(
      (request, response) => {
        const socket = request.socket as TLSSocket;
        subject = String(socket.getPeerCertificate().subject.CN);
        groups = request.headersDistinct['impersonate-group'];
        response.end('{}');
      },
      { requestCert: true, ca: authority.ca },
    );
    const credentials: CredentialSource = {
      current: async () => ({ headers: { 'Impersonate-Group': ['a', 'b'] }, certificate: client }),
      refused: () => false,
    };
    const carrier = carrierTo(server.port, { credentials });
    await (await carrier.send({ method: 'GET', path: '/' })).json();
    expect(subject).toBe('jane');
    expect(groups).toEqual(['a', 'b']);
    await carrier.close();
  });

  it('asks for other credentials once when the server answers 401', async () => {
    const tokens = ['old', 'new'];
    const server = await serve((request, response) => {
      response.statusCode = request.headers.authorization === 'Bearer new' ? 200 : 401;
      response.end('{}');
    });
    const credentials: CredentialSource = {
      current: async () => ({ headers: { authorization: `Bearer ${tokens[0] ?? 'none'}` } }),
      refused: () => tokens.shift() !== undefined,
    };
    const carrier = carrierTo(server.port, { credentials });
    expect((await carrier.send({ method: 'GET', path: '/' })).status).toBe(200);
    tokens.splice(0, 2, 'bad', 'worse');
    expect((await carrier.send({ method: 'GET', path: '/' })).status).toBe(401);
    await carrier.close();
  });

  it('upgrades, hands on binary messages both ways, and tells a refusal as a Status', async () => {
    const server = await serve(() => undefined);
    const sockets = new WebSocketServer({ noServer: true, handleProtocols: () => 'v4.channel.k8s.io' });
    server.on('upgrade', (request, socket, head) => {
      if (request.url?.startsWith('/refused')) {
        socket.end(
          'HTTP/1.1 403 Forbidden\r\ncontent-type: application/json\r\nconnection: close\r\n\r\n{"kind":"Status","message":"no","code":403,"reason":"Forbidden"}',
        );
        return;
      }
      sockets.handleUpgrade(request, socket, head, (peer) => peer.on('message', (data) => peer.send(data)));
    });
    const carrier = carrierTo(server.port);
    const protocols = ['v5.channel.k8s.io', 'v4.channel.k8s.io'];
    const socket = await carrier.upgrade({ path: '/exec', query: { command: ['a', 'b'] }, protocols });
    expect(socket.protocol).toBe('v4.channel.k8s.io');
    await socket.send(new Uint8Array([0, 104, 105]));
    for await (const message of socket.messages) {
      expect([...message]).toEqual([0, 104, 105]);
      break;
    }
    socket.close();
    await expect(carrier.upgrade({ path: '/refused', protocols })).rejects.toSatisfy(
      (failure) => failure instanceof ApiStatusError && failure.reason === 'Forbidden',
    );
    await carrier.close();
  });
});

describe('a connection that fails', () => {
  const reasonOf = async (options: Partial<HttpsCarrierOptions>): Promise<Problem> => {
    const carrier = carrierTo(1, options);
    try {
      await carrier.send({ method: 'GET', path: '/version' });
    } catch (failure) {
      expect(failure).toBeInstanceOf(Problem);
      return failure as Problem;
    } finally {
      await carrier.close();
    }
    throw new Error('it did not fail');
  };

  it('says that nothing listens', async () => {
    expect(await reasonOf({})).toMatchObject({
      code: 'unreachable',
      message: expect.stringContaining('nothing listens there'),
    });
  });

  it('says that the name is unknown', async () => {
    const problem = await reasonOf({ server: 'https://no-such-host.invalid:6443' });
    expect(problem.message).toBe('The name of no-such-host.invalid:6443 cannot be resolved (DNS).');
  });

  it('says that the authority is not trusted', async () => {
    const server = await serve(() => undefined);
    const other = await createAuthority('other');
    const problem = await reasonOf({ server: `https://127.0.0.1:${server.port}`, trust: { ca: other.ca } });
    expect(problem.message).toContain('signed by an authority that is not trusted here');
    expect(problem.nextStep).toContain('certificate-authority');
  });

  it('says that the certificate has expired', async () => {
    const expired = await authority.issue({ name: 'old', ips: ['127.0.0.1'], notAfter: new Date(Date.now() - 1000) });
    const server = await serve(() => undefined, expired);
    expect((await reasonOf({ server: `https://127.0.0.1:${server.port}` })).message).toContain('is not valid now');
  });

  it('says that the certificate is for another name, and tls-server-name helps', async () => {
    const named = await authority.issue({ name: 'named', dns: ['api.example'] });
    const server = await serve((_, response) => void response.end('{}'), named);
    const url = `https://127.0.0.1:${server.port}`;
    const problem = await reasonOf({ server: url });
    expect(problem.message).toContain('is for another name');
    expect(problem.nextStep).toContain('tls-server-name');
    const carrier = carrierTo(1, { server: url, trust: { ca: authority.ca, serverName: 'api.example' } });
    expect((await carrier.send({ method: 'GET', path: '/' })).status).toBe(200);
    await carrier.close();
  });

  it('says that the server speaks plain HTTP', async () => {
    const server = await listen(http.createServer((_, response) => void response.end('{}')));
    expect((await reasonOf({ server: `https://127.0.0.1:${server.port}` })).message).toContain('does not speak TLS');
  });

  it('says that no answer came in time', async () => {
    const server = await serve(() => undefined);
    const carrier = carrierTo(server.port);
    const failure = carrier.send({ method: 'GET', path: '/', timeoutMs: 30 });
    await expect(failure).rejects.toMatchObject({
      code: 'unreachable',
      message: expect.stringContaining('no answer within 0.03 seconds'),
    });
    await carrier.close();
  });

  it('says that the proxy is the trouble', async () => {
    const proxy = await listen(http.createServer());
    proxy.on('connect', (_, socket) => socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n'));
    const problem = await reasonOf({ proxyUrl: `http://127.0.0.1:${proxy.port}` });
    expect(problem.message).toContain('it answered 407');
    expect(problem.nextStep).toContain('proxy-url');
  });
});

describe('through a proxy', () => {
  it('goes by HTTP CONNECT with the credentials of the URL', async () => {
    const server = await serve((_, response) => void response.end('{"through":true}'));
    let authorization: string | undefined;
    const proxy = await listen(http.createServer());
    proxy.on('connect', (request, socket) => {
      authorization = request.headers['proxy-authorization'];
      const upstream = net.connect(server.port, '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        upstream.pipe(socket).pipe(upstream);
      });
      upstream.on('error', () => socket.destroy());
      socket.on('error', () => upstream.destroy());
    });
    const carrier = carrierTo(server.port, { proxyUrl: `http://jane:secret@127.0.0.1:${proxy.port}` });
    expect(await (await carrier.send({ method: 'GET', path: '/' })).json()).toEqual({ through: true });
    expect(authorization).toBe(`Basic ${btoa('jane:secret')}`);
    await carrier.close();
  });

  it('goes by SOCKS5 and leaves the name to the proxy', async () => {
    const server = await serve((_, response) => void response.end('{"through":true}'));
    const asked: string[] = [];
    const proxy = await listen(
      net.createServer(async (socket) => {
        const take = async (): Promise<Buffer> => {
          const [data] = await new Promise<[Buffer]>((resolve) =>
            socket.once('data', (chunk) => resolve([chunk as Buffer])),
          );
          return data;
        };
        socket.on('error', () => undefined);
        await take();
        socket.write(Buffer.from([5, 0]));
        const request = await take();
        asked.push(request.subarray(5, 5 + (request[4] ?? 0)).toString());
        const upstream = net.connect(server.port, '127.0.0.1', () => {
          socket.write(Buffer.from([5, 0, 0, 1, 0, 0, 0, 0, 0, 0]));
          upstream.pipe(socket).pipe(upstream);
        });
        upstream.on('error', () => socket.destroy());
      }),
    );
    const carrier = carrierTo(1, {
      server: `https://api.example:${server.port}`,
      proxyUrl: `socks5://127.0.0.1:${proxy.port}`,
    });
    expect(await (await carrier.send({ method: 'GET', path: '/' })).json()).toEqual({ through: true });
    expect(asked).toEqual(['api.example']);
    await carrier.close();
  });
});
