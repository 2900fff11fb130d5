import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { Problem } from '#common/base/errors';
import { SOCKET_PATH, type Channel, type HostFrame, type WindowFrame } from '#common/contract/wire';
import { cookieName, judge, type AccessRules, type Verdict } from './access';
import { securityHeaders } from './headers';
import { SocketChannel } from './socket-channel';
import { listStaticFiles, type StaticFile } from './static-files';

export interface WebServerOptions {
  /** 0 takes a free one. */
  port: number;
  /** The built window. */
  folder: string;
  /** Called for each window that connects. */
  connected(channel: Channel<HostFrame, WindowFrame>): void;
}

export interface WebServer {
  port: number;
  /** Carries the key of this launch. */
  url: string;
  close(): Promise<void>;
}

/** The largest message a window may send: a manifest of many documents fits, a flood does not. */
const MAX_MESSAGE_BYTES = 32 << 20;

/** Serves the window and its socket on 127.0.0.1 only, to who holds the key of this launch. */
export async function startWebServer(options: WebServerOptions): Promise<WebServer> {
  const files = await listStaticFiles(options.folder);
  const server = createServer();
  const port = await listen(server, options.port);
  const rules: AccessRules = { port, key: secret(), ticket: secret() };
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_MESSAGE_BYTES, perMessageDeflate: false });

  server.on('request', (request, response) => {
    void answer(judge(headOf(request), rules), response, { files, rules, head: request.method === 'HEAD' });
  });
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const verdict = judge(headOf(request), rules, true);
    if (verdict.kind !== 'allow' || verdict.path !== SOCKET_PATH) {
      refuseUpgrade(socket, verdict);
      return;
    }
    sockets.handleUpgrade(request, socket, head, (webSocket) => options.connected(new SocketChannel(webSocket)));
  });

  return {
    port,
    url: `http://127.0.0.1:${port}/?key=${rules.key}`,
    close: async () => {
      for (const client of sockets.clients) client.terminate();
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/** 32 random bytes as text that fits an address and a cookie. */
function secret(): string {
  return randomBytes(32).toString('base64url');
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(portProblem(error, port)));
    server.listen(port, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}

function portProblem(error: NodeJS.ErrnoException, port: number): Error {
  if (error.code !== 'EADDRINUSE' && error.code !== 'EACCES') return error;
  const reason = error.code === 'EADDRINUSE' ? 'is taken by another program' : 'may not be opened by this user';
  return new Problem('port-in-use', `Port ${port} ${reason}.`, {
    nextStep: 'Choose another with --port, or leave it out to take a free one.',
    cause: error,
  });
}

function headOf({ method, url, headers }: IncomingMessage) {
  const { host, origin, cookie } = headers;
  return { method: method ?? 'GET', url: url ?? '/', host, origin, cookie };
}

interface AnswerContext {
  files: ReadonlyMap<string, StaticFile>;
  rules: AccessRules;
  head: boolean;
}

async function answer(verdict: Verdict, response: ServerResponse, context: AnswerContext): Promise<void> {
  const { files, rules, head } = context;
  if (verdict.kind === 'refuse') {
    text(response, verdict.status, verdict.message);
    return;
  }
  if (verdict.kind === 'exchange') {
    const cookie = `${cookieName(rules.port)}=${rules.ticket}; HttpOnly; SameSite=Strict; Path=/`;
    response.writeHead(303, { ...securityHeaders, location: '/', 'set-cookie': cookie, 'cache-control': 'no-store' });
    response.end();
    return;
  }
  const file = files.get(verdict.path);
  if (!file && verdict.path === '/favicon.ico') {
    // Browsers ask for it by themselves; a refusal would stand in their console as an error of the page.
    response.writeHead(204, securityHeaders);
    response.end();
    return;
  }
  if (!file) {
    text(response, 404, 'There is nothing at this address.');
    return;
  }
  const { contentType, cacheControl } = file;
  try {
    const content = await file.read();
    response.writeHead(200, {
      ...securityHeaders,
      'content-type': contentType,
      'content-length': content.byteLength,
      'cache-control': cacheControl,
    });
    response.end(head ? undefined : content);
  } catch {
    text(response, 404, 'The file is gone: the program was built again. Start it again.');
  }
}

function text(response: ServerResponse, status: number, message: string): void {
  response.writeHead(status, {
    ...securityHeaders,
    'content-type': 'text/plain; charset=utf-8',
    'cache-control': 'no-store',
  });
  response.end(`${message}\n`);
}

function refuseUpgrade(socket: Duplex, verdict: Verdict): void {
  const status = verdict.kind === 'refuse' ? verdict.status : 404;
  socket.end(`HTTP/1.1 ${status} Refused\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
