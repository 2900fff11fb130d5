import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { SOCKET_PATH } from '#common/contract/wire';
import { startWebServer, type WebServer } from './server';

let folder: string;
let server: WebServer;
let connections = 0;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pilothouse-web-'));
  await mkdir(join(folder, 'window', 'assets'), { recursive: true });
  await writeFile(join(folder, 'window', 'index.html'), '<!doctype html><title>window</title>');
  await writeFile(join(folder, 'window', 'assets', 'app-1a2b.js'), 'export {}');
  await writeFile(join(folder, 'secret.txt'), 'not yours');
  connections = 0;
  server = await startWebServer({ port: 0, folder: join(folder, 'window'), connected: () => void connections++ });
});

afterEach(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

/** A request with the path exactly as given: fetch would tidy it. */
function ask(path: string, headers: Record<string, string> = {}) {
  return new Promise<{ status: number; headers: NodeJS.Dict<string | string[]>; body: string }>((resolve, reject) => {
    const call = request({ host: '127.0.0.1', port: server.port, path, headers }, (response) => {
      let body = '';
      response.on('data', (chunk) => (body += chunk));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }));
    });
    call.on('error', reject);
    call.end();
  });
}

async function cookie(): Promise<string> {
  const { pathname, search } = new URL(server.url);
  const { headers } = await ask(pathname + search);
  return (headers['set-cookie']?.[0] ?? '').split(';')[0] ?? '';
}

describe('web server', () => {
  it('exchanges the key for a cookie that scripts and other sites cannot use, and hides the key', async () => {
    const { pathname, search, searchParams } = new URL(server.url);
    const { status, headers } = await ask(pathname + search);
    expect({ status, location: headers.location }).toEqual({ status: 303, location: '/' });
    expect(headers['set-cookie']?.[0]).toMatch(/; HttpOnly; SameSite=Strict; Path=\/$/);
    expect(headers['set-cookie']?.[0]).not.toContain(searchParams.get('key'));
  });

  it('serves the page with a strict policy to who has the cookie', async () => {
    const { status, headers, body } = await ask('/', { cookie: await cookie() });
    expect({ status, body }).toEqual({ status: 200, body: '<!doctype html><title>window</title>' });
    expect(headers['content-security-policy']).toContain("script-src 'self';");
    expect(headers['content-security-policy']).toContain("frame-ancestors 'none'");
    expect(headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
    });
  });

  it('lets what is named after its content be kept', async () => {
    const { headers } = await ask('/assets/app-1a2b.js', { cookie: await cookie() });
    expect(headers).toMatchObject({
      'content-type': 'text/javascript; charset=utf-8',
      'cache-control': 'private, max-age=31536000, immutable',
    });
  });

  it.each(['/', '/assets/app-1a2b.js', SOCKET_PATH, '/nothing'])('refuses %s without the cookie', async (path) => {
    expect((await ask(path)).status).toBe(401);
  });

  it.each(['/../secret.txt', '/assets/../../secret.txt', '/%2e%2e/secret.txt', '/..%2fsecret.txt', '/assets', '/.'])(
    'serves nothing outside its folder for %s',
    async (path) => {
      const { body } = await ask(path, { cookie: await cookie() });
      expect(body).not.toContain('not yours');
    },
  );

  it.each<[string, Record<string, string>, boolean]>([
    ['its own page', {}, true],
    ['another site', { origin: 'https://evil.example' }, false],
    ['another name', { host: 'evil.example' }, false],
    ['no cookie', { cookie: '' }, false],
  ])('takes a socket from %s only when it may', async (_case, over, allowed) => {
    const headers = { cookie: await cookie(), origin: `http://127.0.0.1:${server.port}`, ...over };
    const socket = new WebSocket(`ws://127.0.0.1:${server.port}${SOCKET_PATH}`, { headers });
    const opened = await new Promise<boolean>((resolve) => {
      socket.on('open', () => resolve(true));
      socket.on('error', () => resolve(false));
    });
    socket.close();
    expect({ opened, connections }).toEqual({ opened: allowed, connections: allowed ? 1 : 0 });
  });

  it('says which port is taken and what to do', async () => {
    const again = startWebServer({ port: server.port, folder, connected: () => undefined });
    await expect(again).rejects.toMatchObject({
      code: 'port-in-use',
      message: expect.stringContaining(`${server.port}`),
    });
  });
});
