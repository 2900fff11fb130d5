import { createServer, type AddressInfo, type Server } from 'node:net';
import { Problem } from '#common/base/errors';

/** Ports below this need rights that a program of this kind does not ask for. */
const FIRST_UNPRIVILEGED = 1024;

/**
 * Listens on 127.0.0.1: on `wanted` and nowhere else when a person chose it, on `preferred` or a free port otherwise.
 * Rejects with Problem `port-in-use`, which names a free port.
 */
export async function listenLocally(
  server: Server,
  port: { wanted?: number | undefined; preferred: number },
): Promise<number> {
  if (port.wanted !== undefined)
    return await listenOn(server, port.wanted).catch((cause: unknown) => taken(port.wanted ?? 0, cause));
  if (port.preferred >= FIRST_UNPRIVILEGED) {
    const preferred = await listenOn(server, port.preferred).catch(() => undefined);
    if (preferred !== undefined) return preferred;
  }
  return listenOn(server, 0);
}

function listenOn(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const failed = (failure: Error) => reject(failure);
    server.once('error', failed);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', failed);
      resolve((server.address() as AddressInfo).port);
    });
  });
}

async function taken(port: number, cause: unknown): Promise<never> {
  const { code } = cause as NodeJS.ErrnoException;
  if (code !== 'EADDRINUSE' && code !== 'EACCES') throw cause;
  const reason = code === 'EADDRINUSE' ? 'is used by another program' : 'may not be opened by this user';
  const free = await freePort();
  throw new Problem('port-in-use', `Port ${port} ${reason}.`, {
    nextStep: `Port ${free} is free.`,
    details: String(free),
    cause,
  });
}

async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listenOn(server, 0);
  await new Promise((resolve) => server.close(resolve));
  return port;
}
