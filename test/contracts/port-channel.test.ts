import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { PortChannel, type Port } from '#main/transport/ipc/port-channel';
import { describeChannel } from '#test/contracts/channel';

/** A MessagePort of Node with the events of Electron's. */
function asMain(port: MessagePort): Port {
  return {
    postMessage: (message) => port.postMessage(message),
    start: () => port.start(),
    close: () => port.close(),
    on: (event: 'message' | 'close', listener: (event: { data: unknown }) => void) =>
      event === 'message'
        ? port.on('message', (data: unknown) => listener({ data }))
        : port.on('close', listener as unknown as () => void),
  };
}

describeChannel('MessagePort', async () => {
  const { port1, port2 } = new MessageChannel();
  return {
    window: new PortChannel(asMain(port1)),
    host: new PortChannel(asMain(port2)),
    close: async () => {
      port1.close();
      port2.close();
    },
  };
});
