/** exec and attach over SPDY: one stream for each channel, told apart by their header `streamtype`. */
import { finished, type Duplex } from 'node:stream';
import type { ProcessStreams } from '#main/base/process-streams';
import { runCommand } from './remote-command';
import { SpdyConnection, type SpdyStream } from './spdy-connection';

export const SPDY_COMMAND_PROTOCOLS = [
  'v5.channel.k8s.io',
  'v4.channel.k8s.io',
  'v3.channel.k8s.io',
  'v2.channel.k8s.io',
  'channel.k8s.io',
];

/** Which channels the query asked for: as many streams the client opens. */
export interface WantedChannels {
  stdin: boolean;
  stdout: boolean;
  stderr: boolean;
  tty: boolean;
}

export async function commandOverSpdy(
  io: Duplex,
  protocol: string,
  { process, wanted }: { process: ProcessStreams; wanted: WantedChannels },
): Promise<void> {
  const streams = new Map<string, SpdyStream>();
  const expected = expectedStreams(wanted, protocol);
  let arrived: () => void = () => undefined;
  const complete = new Promise<void>((resolve) => (arrived = resolve));
  const connection = new SpdyConnection(io, (stream) => {
    streams.set(stream.headers['streamtype'] ?? '', stream);
    if (expected.every((type) => streams.has(type))) arrived();
  });
  await Promise.race([complete, connection.closed]);
  await runCommand(process, {
    // Left unread, they still half-close as the client expects.
    stdin: streams.get('stdin')?.iterator({ destroyOnReturn: false }),
    resize: streams.get('resize')?.iterator({ destroyOnReturn: false }),
    ...outputOf('stdout', streams),
    ...outputOf('stderr', streams),
    gone: connection.closed,
    async finish(status) {
      const error = streams.get('error');
      const isStructured = /^v[45]/.test(protocol);
      const text = isStructured ? JSON.stringify(status) : (status.message ?? '');
      if (isStructured || status.status === 'Failure') error?.write(text);
      for (const stream of streams.values()) stream.end();
      await Promise.race([connection.closed, ended([...streams.values()])]);
      connection.close();
    },
  });
}

function expectedStreams({ stdin, stdout, stderr, tty }: WantedChannels, protocol: string): string[] {
  const hasResize = tty && /^v[345]/.test(protocol);
  const all = { error: true, stdin, stdout, stderr: stderr && !tty, resize: hasResize };
  return Object.entries(all)
    .filter(([, isWanted]) => isWanted)
    .map(([type]) => type);
}

function outputOf(name: 'stdout' | 'stderr', streams: ReadonlyMap<string, SpdyStream>) {
  const stream = streams.get(name);
  if (!stream) return {};
  const send = (chunk: Uint8Array): Promise<void> => new Promise((resolve) => stream.write(chunk, () => resolve()));
  return name === 'stdout' ? { stdout: send } : { stderr: send };
}

/** Resolves when each was sent to its end, or reset by the client. */
async function ended(streams: readonly SpdyStream[]): Promise<void> {
  await Promise.all(
    streams.map((stream) => new Promise<void>((done) => finished(stream, { readable: false }, () => done()))),
  );
}
