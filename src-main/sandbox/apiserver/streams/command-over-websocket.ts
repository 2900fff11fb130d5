/** exec and attach over WebSocket messages whose first byte names the channel. */
import { AsyncQueue } from '#common/base/queue';
import type { ProcessStreams } from '#main/base/process-streams';
import type { MessageSocket } from '../api-request';
import { runCommand } from './remote-command';

const CHANNEL = { stdin: 0, stdout: 1, stderr: 2, error: 3, resize: 4, close: 255 } as const;

/** In the order in which servers prefer them. */
export const COMMAND_PROTOCOLS = [
  'v5.channel.k8s.io',
  'v4.channel.k8s.io',
  'v4.base64.channel.k8s.io',
  'channel.k8s.io',
  'base64.channel.k8s.io',
  '',
] as const;

const isBase64 = (protocol: string): boolean => protocol.includes('base64');

export async function commandOverWebSocket(
  socket: MessageSocket,
  protocol: string,
  process: ProcessStreams,
): Promise<void> {
  const inbound = new Inbound(socket, protocol);
  const gone = inbound.read();
  const send = (channel: number) => (chunk: Uint8Array) => socket.send(framed(channel, chunk, protocol));
  await runCommand(process, {
    stdin: inbound.stdin,
    resize: inbound.resize,
    stdout: send(CHANNEL.stdout),
    stderr: send(CHANNEL.stderr),
    gone,
    async finish(status) {
      // The oldest protocols end in words, and say nothing when all went well.
      const isStructured = protocol.startsWith('v');
      if (isStructured) await send(CHANNEL.error)(Buffer.from(JSON.stringify(status)));
      else if (status.status === 'Failure') await send(CHANNEL.error)(Buffer.from(status.message ?? ''));
      socket.close();
    },
  });
}

export function framed(channel: number, content: Uint8Array, protocol: string): Buffer {
  if (isBase64(protocol)) return Buffer.from(String(channel) + Buffer.from(content).toString('base64'));
  return Buffer.concat([Buffer.from([channel]), content]);
}

/** Channel and content of a message. */
export function unframed(message: Uint8Array, protocol: string): { channel: number; content: Uint8Array } {
  if (!isBase64(protocol)) return { channel: message[0] ?? 0, content: message.subarray(1) };
  const text = Buffer.from(message).toString('latin1');
  return { channel: Number(text[0]), content: Buffer.from(text.slice(1), 'base64') };
}

/** Sorts messages to the channels they are for. */
class Inbound {
  readonly stdin = new AsyncQueue<Uint8Array>();
  readonly resize = new AsyncQueue<Uint8Array>();
  readonly #socket: MessageSocket;
  readonly #protocol: string;

  constructor(socket: MessageSocket, protocol: string) {
    this.#socket = socket;
    this.#protocol = protocol;
  }

  /** Resolves when the client has gone. */
  async read(): Promise<void> {
    try {
      for await (const message of this.#socket.messages) {
        if (message.length > 0) await this.#take(message);
      }
    } finally {
      this.stdin.end();
      this.resize.end();
    }
  }

  async #take(message: Uint8Array): Promise<void> {
    const { channel, content } = unframed(message, this.#protocol);
    if (channel === CHANNEL.stdin) await this.stdin.push(content);
    else if (channel === CHANNEL.resize) await this.resize.push(content);
    else if (channel === CHANNEL.close && content[0] === CHANNEL.stdin) this.stdin.end();
  }
}
