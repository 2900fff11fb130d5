import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { ApiRequest, ApiResponse, Peer } from './api-request';
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
export async function upgradeConnection({ incoming, socket, peer, handle }: UpgradeArrival): Promise<void> {
  const request = new HttpRequest(incoming, undefined, peer);
  const response = await handle(request);
  refuse(socket, response);
}

function refuse(socket: Duplex, { status, headers, body }: ApiResponse): void {
  const bytes = body?.shape === 'value' ? Buffer.concat([...body.chunks()]) : Buffer.alloc(0);
  const lines = Object.entries({ ...headers, 'content-length': String(bytes.length), connection: 'close' });
  socket.write(`HTTP/1.1 ${status} \r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`);
  socket.end(bytes);
}
