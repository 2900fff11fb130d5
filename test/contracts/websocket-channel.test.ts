import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import { SOCKET_PATH, type Channel, type HostFrame, type WindowFrame } from '#common/contract/wire';
import { startWebServer } from '#main/transport/websocket/server';
import { SocketChannel } from '#main/transport/websocket/socket-channel';
import { describeChannel } from '#test/contracts/channel';

describeChannel('WebSocket', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'pilothouse-web-'));
  await writeFile(join(folder, 'index.html'), '<!doctype html>');
  let accept: (channel: Channel<HostFrame, WindowFrame>) => void = () => undefined;
  const accepted = new Promise<Channel<HostFrame, WindowFrame>>((resolve) => (accept = resolve));
  const server = await startWebServer({ port: 0, folder, connected: accept });

  const exchange = await fetch(server.url, { redirect: 'manual' });
  const cookie = exchange.headers.get('set-cookie')?.split(';')[0] ?? '';
  const origin = `http://127.0.0.1:${server.port}`;
  const socket = new WebSocket(`ws://127.0.0.1:${server.port}${SOCKET_PATH}`, { headers: { cookie }, origin });
  const window = new SocketChannel<WindowFrame, HostFrame>(socket);
  const host = await accepted;
  await new Promise<void>((resolve) => (socket.readyState === 1 ? resolve() : socket.once('open', () => resolve())));
  return {
    window,
    host,
    close: async () => {
      await server.close();
      await rm(folder, { recursive: true });
    },
  };
});
