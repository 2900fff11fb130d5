import type { IncomingMessage } from 'node:http';
import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type RawData, type WebSocket } from 'ws';
import { AsyncQueue } from '#common/base/queue';
import type { ApiRequest, ApiResponse, MessageSocket, Peer, Upgrade } from './api-request';
import { HttpRequest } from './http-request';

export interface UpgradeArrival {
  incoming: IncomingMessage;
  socket: Duplex;
  /** Bytes that came behind the request. */
  head: Buffer;
  peer: Peer;
  handle(request: ApiRequest): Promise<ApiResponse>;
}

/** Takes a request to upgrade through the chain like any other; refused, it is answered as HTTP. */
export async function upgradeConnection({ incoming, socket, head, peer, handle }: UpgradeArrival): Promise<void> {
  socket.on('error', () => undefined);
  const response = await handle(new HttpRequest(incoming, undefined, peer));
  const { upgrade } = response;
  if (!upgrade) refuse(socket, response);
  else if (upgrade.kind === 'websocket') acceptWebSocket({ incoming, socket, head }, upgrade);
  else if (upgrade.kind === 'spdy') await acceptSpdy(socket, head, upgrade);
  else {
    if (head.length > 0) socket.unshift(head);
    await upgrade.run(socket);
  }
}

function refuse(socket: Duplex, { status, headers, body }: ApiResponse): void {
  const bytes = body?.shape === 'value' ? Buffer.concat([...body.chunks()]) : Buffer.alloc(0);
  const lines = Object.entries({ ...headers, 'content-length': String(bytes.length), connection: 'close' });
  const text = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  socket.write(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${text}\r\n`);
  socket.end(bytes);
}

async function acceptSpdy(socket: Duplex, head: Buffer, { protocol, run }: Extract<Upgrade, { kind: 'spdy' }>) {
  const headers = ['Connection: Upgrade', 'Upgrade: SPDY/3.1', `X-Stream-Protocol-Version: ${protocol}`];
  socket.write(`HTTP/1.1 101 Switching Protocols\r\n${headers.join('\r\n')}\r\n\r\n`);
  if (head.length > 0) socket.unshift(head);
  await run(socket);
}

interface Arrived {
  incoming: IncomingMessage;
  socket: Duplex;
  head: Buffer;
}

const chosen = new WeakMap<IncomingMessage, string>();

/** One for all connections: it only shakes hands. */
let handshaker: WebSocketServer | undefined;

function acceptWebSocket({ incoming, socket, head }: Arrived, upgrade: Extract<Upgrade, { kind: 'websocket' }>): void {
  handshaker ??= makeHandshaker();
  chosen.set(incoming, upgrade.protocol);
  // Kubernetes' own protocols have a `/` in their names, which the library refuses: the choice is made and told here.
  delete incoming.headers['sec-websocket-protocol'];
  handshaker.handleUpgrade(incoming, socket, head, (webSocket) => {
    void upgrade.run(messageSocket(webSocket, upgrade.isText ?? false)).finally(() => webSocket.close(NORMAL_CLOSURE));
  });
}

function makeHandshaker(): WebSocketServer {
  const server = new WebSocketServer({ noServer: true, perMessageDeflate: false });
  server.on('headers', (headers, incoming) => {
    const protocol = chosen.get(incoming);
    if (protocol) headers.push(`Sec-WebSocket-Protocol: ${protocol}`);
  });
  return server;
}

/** Clients take any other code for a broken connection. */
const NORMAL_CLOSURE = 1000;
/** Messages that may wait before the network is held back. */
const WAITING_MESSAGES = 64;

function messageSocket(webSocket: WebSocket, isText: boolean): MessageSocket {
  const messages = new AsyncQueue<Uint8Array>(WAITING_MESSAGES);
  webSocket.on('message', (data) => {
    const room = messages.push(bytesOf(data));
    if (messages.size < WAITING_MESSAGES) return;
    webSocket.pause();
    void room.then(() => webSocket.resume());
  });
  webSocket.on('error', () => messages.end());
  webSocket.once('close', () => messages.end());
  return {
    messages,
    send: (message) =>
      new Promise((resolve) =>
        webSocket.send(isText ? Buffer.from(message).toString('latin1') : message, () => resolve()),
      ),
    close: (code = NORMAL_CLOSURE) => webSocket.close(code),
  };
}

function bytesOf(data: RawData): Uint8Array {
  if (Array.isArray(data)) return Buffer.concat(data);
  return data instanceof Buffer ? data : new Uint8Array(data);
}
