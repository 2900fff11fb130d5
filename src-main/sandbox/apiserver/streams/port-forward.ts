/** Port-forward: every TCP connection of the client is a pair of streams, one for data and one for what went wrong. */
import type { Duplex } from 'node:stream';
import { messageOf } from '#common/base/errors';
import { SpdyConnection, type SpdyStream } from './spdy-connection';

/** Opens a connection to a port of the Pod. */
export type Dial = (port: number) => Promise<Duplex>;

interface Pair {
  data?: SpdyStream;
  error?: SpdyStream;
}

/** Serves pairs until the client closes the connection. */
export async function portForwardOverSpdy(io: Duplex, dial: Dial): Promise<void> {
  const pairs = new Map<string, Pair>();
  const connection = new SpdyConnection(io, (stream) => {
    const { requestid = '', streamtype } = stream.headers;
    const pair = pairs.get(requestid) ?? {};
    pairs.set(requestid, pair);
    pair[streamtype === 'error' ? 'error' : 'data'] = stream;
    if (!pair.data || !pair.error) return;
    pairs.delete(requestid);
    void forward(pair as Required<Pair>, dial);
  });
  await connection.closed;
}

async function forward({ data, error }: Required<Pair>, dial: Dial): Promise<void> {
  const port = Number(data.headers['port']);
  // The client half-closes the error stream at once; reading it lets that be noticed.
  error.resume();
  try {
    const connection = await dial(port);
    await joined(data, connection);
    error.end();
  } catch (problem) {
    error.end(messageOf(problem));
    data.end();
  }
}

/** Carries bytes both ways until both have ended; a break of one ends the other. */
export function joined(left: Duplex, right: Duplex): Promise<void> {
  left.pipe(right);
  right.pipe(left);
  left.once('close', () => right.destroy());
  right.on('error', () => left.destroy());
  return new Promise((resolve) =>
    right.once('close', () => {
      if (!left.writableEnded) left.end();
      resolve();
    }),
  );
}
