import { Duplex } from 'node:stream';
import type { MessageSocket } from '../api-request';

/** The bytes of a message connection as one stream: how SPDY travels inside of a WebSocket. */
export function messageDuplex(socket: MessageSocket): Duplex {
  const messages = socket.messages[Symbol.asyncIterator]();
  return new Duplex({
    read() {
      messages.next().then(
        ({ done, value }) => void this.push(done ? null : value),
        (failure: Error) => this.destroy(failure),
      );
    },
    write(chunk: Uint8Array, _encoding, done) {
      socket.send(chunk).then(() => done(), done);
    },
    final(done) {
      socket.close();
      done();
    },
    destroy(failure, done) {
      socket.close();
      done(failure);
    },
  });
}
