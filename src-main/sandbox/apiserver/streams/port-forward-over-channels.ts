/**
 * Port-forward over WebSocket channels, as SDKs do it: of the ports in the query, number i has channel 2i for data and
 * 2i+1 for errors, and both begin with the port's number in two bytes, the lower first.
 */
import type { Duplex } from 'node:stream';
import { messageOf } from '#common/base/errors';
import type { MessageSocket } from '../api-request';
import { framed, unframed } from './command-over-websocket';
import type { Dial } from './port-forward';

export const FORWARD_CHANNEL_PROTOCOLS = ['v4.channel.k8s.io', 'v4.base64.channel.k8s.io'] as const;

export interface ChannelForward {
  socket: MessageSocket;
  protocol: string;
  ports: readonly number[];
  dial: Dial;
}

export async function portForwardOverChannels({ socket, protocol, ports, dial }: ChannelForward): Promise<void> {
  const send = (channel: number, content: Uint8Array) => socket.send(framed(channel, content, protocol));
  const connections = await Promise.all(
    ports.map(async (port, at) => {
      const number = Buffer.from([port & 255, port >> 8]);
      await send(at * 2, number);
      await send(at * 2 + 1, number);
      return opened(dial, port, (text) => send(at * 2 + 1, Buffer.from(text)));
    }),
  );
  const outputs = connections.map((connection, at) => connection && drain(connection, (chunk) => send(at * 2, chunk)));
  const hasEnded = Promise.all(outputs).then(() => socket.close());
  try {
    for await (const message of socket.messages) {
      const { channel, content } = unframed(message, protocol);
      const connection = connections[channel / 2];
      if (connection && content.length > 0 && !connection.write(content)) await drained(connection);
    }
  } finally {
    for (const connection of connections) connection?.destroy();
  }
  await hasEnded;
}

async function opened(dial: Dial, port: number, tell: (text: string) => Promise<void>): Promise<Duplex | undefined> {
  try {
    const connection = await dial(port);
    connection.on('error', () => undefined);
    return connection;
  } catch (problem) {
    await tell(messageOf(problem));
    return undefined;
  }
}

function drain(connection: Duplex, send: (chunk: Uint8Array) => Promise<void>): Promise<void> {
  return new Promise((resolve) => {
    connection.on('data', (chunk: Uint8Array) => {
      connection.pause();
      send(chunk).then(
        () => connection.resume(),
        () => connection.destroy(),
      );
    });
    connection.once('close', resolve);
    connection.once('end', resolve);
  });
}

function drained(connection: Duplex): Promise<void> {
  return new Promise((resolve) => {
    connection.once('drain', resolve);
    connection.once('close', resolve);
  });
}
