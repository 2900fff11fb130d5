import * as http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocketServer, type WebSocket } from 'ws';
import { ManualClock } from '#common/base/clock';
import type { Carrier } from '../carrier';
import { createHttpsCarrier } from '../carrier/https-carrier';
import { attach, exec } from './exec';
import { portForward } from './port-forward';

let server: http.Server;
let carrier: Carrier;
let opened: { path: string; peer: WebSocket; offered: string[] }[];
/** The newest protocol the server knows. */
let newest: string;

beforeEach(async () => {
  opened = [];
  newest = 'v5.channel.k8s.io';
  const sockets = new WebSocketServer({
    noServer: true,
    handleProtocols: (offered) => (offered.has(newest) ? newest : 'v4.channel.k8s.io'),
  });
  server = http.createServer().on('upgrade', (request, socket, head) => {
    sockets.handleUpgrade(request, socket, head, (peer) => {
      const offered = String(request.headers['sec-websocket-protocol']).split(',');
      opened.push({ path: request.url ?? '', peer, offered });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  carrier = createHttpsCarrier({ server: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, env: {} });
});

afterEach(async () => {
  await carrier.close();
  server.closeAllConnections();
  server.close();
});

const message = (channel: number, text: string) => Buffer.concat([Buffer.from([channel]), Buffer.from(text)]);
const nextMessage = (peer: WebSocket) =>
  new Promise<Buffer>((resolve) => peer.once('message', (data) => resolve(data as Buffer)));
const pod = { namespace: 'a', pod: 'p' };

/** Waits until a number has not changed for a hundred turns of the event loop. */
async function untilStill(read: () => number): Promise<void> {
  for (let still = 0, last = read(); still < 100; last = read()) {
    await new Promise((resolve) => setImmediate(resolve));
    still = read() === last ? still + 1 : 0;
  }
}

async function textOf(stream: AsyncIterable<Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const part of stream) parts.push(part);
  return Buffer.concat(parts).toString();
}

describe('exec', () => {
  const start = (more: Partial<Parameters<typeof exec>[1]> = {}) =>
    exec(carrier, { ...pod, command: ['ls', '-l'], tty: false, stdin: true, ...more });

  it('asks for the command and its streams, the newest protocol first', async () => {
    await start({ container: 'c' });
    const [{ path, offered } = { path: '', offered: [] }] = opened;
    expect(path).toBe(
      '/api/v1/namespaces/a/pods/p/exec?command=ls&command=-l&container=c&stdin=true&stdout=true&stderr=true',
    );
    expect(offered).toEqual(['v5.channel.k8s.io', 'v4.channel.k8s.io']);
  });

  it('asks for no stderr with a terminal, and for no command to attach', async () => {
    await start({ tty: true });
    await attach(carrier, { ...pod, tty: true, stdin: true });
    expect(opened.map(({ path }) => path.split('?')[1])).toEqual([
      'command=ls&command=-l&stdin=true&stdout=true&tty=true',
      'stdin=true&stdout=true&tty=true',
    ]);
  });

  it('carries input, output, size and the exit code', async () => {
    const process = await start();
    const { peer } = opened[0]!;
    const input = nextMessage(peer);
    await process.writeStdin(Buffer.from('hello'));
    expect(await input).toEqual(message(0, 'hello'));
    const size = nextMessage(peer);
    process.resize(80, 24);
    expect(await size).toEqual(message(4, '{"Width":80,"Height":24}'));
    const end = nextMessage(peer);
    process.endStdin();
    expect([...(await end)]).toEqual([255, 0]);

    peer.send(message(1, 'out '));
    peer.send(message(2, 'err'));
    peer.send(message(1, 'put'));
    peer.send(
      message(
        3,
        '{"status":"Failure","reason":"NonZeroExitCode","details":{"causes":[{"reason":"ExitCode","message":"42"}]}}',
      ),
    );
    peer.close();
    expect(await Promise.all([textOf(process.stdout), textOf(process.stderr), process.exit])).toEqual([
      'out put',
      'err',
      { code: 42 },
    ]);
  });

  it.each([
    { status: '{"status":"Success"}', want: { code: 0 } },
    {
      status: '{"status":"Failure","message":"executable not found"}',
      want: { code: 1, message: 'executable not found' },
    },
    { status: 'plain words', want: { code: 1, message: 'plain words' } },
  ])('reads $status', async ({ status, want }) => {
    const process = await start();
    opened[0]!.peer.send(message(3, status));
    opened[0]!.peer.close();
    expect(await process.exit).toEqual(want);
  });

  it('says when the connection was lost before the process ended', async () => {
    const process = await start();
    opened[0]!.peer.terminate();
    expect(await process.exit).toMatchObject({ code: 1, message: expect.stringMatching(/connection/i) });
  });

  it('works with servers that only know v4', async () => {
    newest = 'v4.channel.k8s.io';
    const process = await start();
    process.endStdin();
    process.kill();
    expect(await process.exit).toEqual({ code: 137 });
  });
});

describe('port-forward', () => {
  const greet = (peer: WebSocket) => {
    for (const channel of [0, 1]) peer.send(Buffer.from([channel, 80, 0]));
  };

  it('carries bytes both ways and ends with the other side', async () => {
    const connection = await portForward(carrier, { ...pod, port: 80 });
    const { path, peer, offered } = opened[0]!;
    expect(path).toBe('/api/v1/namespaces/a/pods/p/portforward?ports=80');
    expect(offered).toEqual(['v4.channel.k8s.io']);
    greet(peer);
    const request = nextMessage(peer);
    connection.write('GET /');
    expect(await request).toEqual(message(0, 'GET /'));
    peer.send(message(0, '200 '));
    peer.send(message(0, 'OK'));
    peer.close();
    expect(await textOf(connection)).toBe('200 OK');
  });

  it('fails with the words of the node', async () => {
    const connection = await portForward(carrier, { ...pod, port: 80 });
    greet(opened[0]!.peer);
    const failed = new Promise<Error>((resolve) => connection.once('error', resolve));
    opened[0]!.peer.send(message(1, 'connection refused'));
    expect((await failed).message).toBe('connection refused');
  });

  it('lets the other side finish after our end, but not for ever', async () => {
    const clock = new ManualClock();
    const connection = await portForward(carrier, { ...pod, port: 80, clock });
    const { peer } = opened[0]!;
    greet(peer);
    connection.end('bye');
    await nextMessage(peer);
    const received = new Promise<Buffer>((resolve) => connection.once('data', resolve));
    peer.send(message(0, 'late'));
    expect((await received).toString()).toBe('late');
    const closed = new Promise((resolve) => peer.once('close', resolve));
    connection.resume();
    await clock.advance(5000);
    await closed;
  });

  it('holds the server back while nobody reads', async () => {
    const connection = await portForward(carrier, { ...pod, port: 80 });
    const { peer } = opened[0]!;
    greet(peer);
    const block = Buffer.alloc(64 * 1024 + 1);
    const total = 64 * 1024 * 400;
    for (let i = 0; i < 400; i++) peer.send(block);
    await untilStill(() => peer.bufferedAmount);
    expect(peer.bufferedAmount).toBeGreaterThan(total / 4);
    let received = 0;
    for await (const chunk of connection) {
      received += (chunk as Buffer).length;
      if (received === total) break;
    }
    expect(received).toBe(total);
  });
});
