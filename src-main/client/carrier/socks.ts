import type { Socket } from 'node:net';
import { ProxyFailure } from './connection-problem';

const VERSION = 5;
const NO_AUTHENTICATION = 0;
const USER_AND_PASSWORD = 2;
const CONNECT = 1;
const DOMAIN_NAME = 3;

const replies: Readonly<Record<number, string>> = {
  1: 'general failure',
  2: 'not allowed by its rules',
  3: 'network unreachable',
  4: 'host unreachable',
  5: 'connection refused',
  6: 'time to live expired',
  7: 'command not supported',
  8: 'address type not supported',
};

/** Asks the SOCKS5 proxy (RFC 1928, 1929) behind `socket` for a way to `host:port`; names are resolved by the proxy. */
export async function socksConnect(
  socket: Socket,
  proxy: URL,
  { host, port }: { host: string; port: number },
): Promise<void> {
  const reader = new SocketReader(socket);
  try {
    await agreeOnMethod(socket, reader, proxy);
    const name = Buffer.from(host);
    socket.write(Buffer.concat([Buffer.from([VERSION, CONNECT, 0, DOMAIN_NAME, name.length]), name, portBytes(port)]));
    const [, reply = 1, , addressType = 1] = await reader.read(4);
    if (reply !== 0) throw new ProxyFailure(replies[reply] ?? `answer ${reply}`);
    await reader.read((await addressLength(addressType, reader)) + 2);
  } finally {
    reader.release();
  }
}

async function agreeOnMethod(socket: Socket, reader: SocketReader, proxy: URL): Promise<void> {
  const methods = proxy.username ? [NO_AUTHENTICATION, USER_AND_PASSWORD] : [NO_AUTHENTICATION];
  socket.write(Buffer.from([VERSION, methods.length, ...methods]));
  const [version, method] = await reader.read(2);
  if (version !== VERSION) throw new ProxyFailure('it does not speak SOCKS5');
  if (method === USER_AND_PASSWORD) await signIn(socket, reader, proxy);
  else if (method !== NO_AUTHENTICATION)
    throw new ProxyFailure('it asks for a way of signing in that is not supported');
}

async function signIn(socket: Socket, reader: SocketReader, proxy: URL): Promise<void> {
  const user = Buffer.from(decodeURIComponent(proxy.username));
  const password = Buffer.from(decodeURIComponent(proxy.password));
  socket.write(Buffer.concat([Buffer.from([1, user.length]), user, Buffer.from([password.length]), password]));
  const [, status] = await reader.read(2);
  if (status !== 0) throw new ProxyFailure('it refuses the user or password of its URL');
}

async function addressLength(type: number, reader: SocketReader): Promise<number> {
  if (type === DOMAIN_NAME) return (await reader.read(1))[0] ?? 0;
  return type === 1 ? 4 : 16;
}

function portBytes(port: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(port);
  return bytes;
}

/** Reads exact counts of bytes and leaves the rest in the socket. */
class SocketReader {
  readonly #socket: Socket;
  #wake: () => void = () => undefined;
  #failure: Error | undefined;
  readonly #readable = () => this.#wake();
  readonly #fail = (cause?: Error) => {
    this.#failure = cause ?? new ProxyFailure('it closed the connection');
    this.#wake();
  };

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('readable', this.#readable).on('error', this.#fail).on('close', this.#fail).on('end', this.#fail);
  }

  async read(count: number): Promise<Buffer> {
    for (;;) {
      const bytes = this.#socket.read(count) as Buffer | null;
      if (bytes) return bytes;
      if (this.#failure) throw this.#failure;
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  release(): void {
    this.#socket
      .off('readable', this.#readable)
      .off('error', this.#fail)
      .off('close', this.#fail)
      .off('end', this.#fail);
  }
}
