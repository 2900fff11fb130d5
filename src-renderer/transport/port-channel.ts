import { ASK_PORT, PORT } from '#common/contract/desktop-port';
import type { HostChannel } from './connection';

/** Frames over the MessagePort that the preload script hands to the page. */
export function portChannel(port: MessagePort): HostChannel {
  return {
    post: (frame) => port.postMessage(frame),
    listen({ frame, closed }) {
      port.addEventListener('message', (event: MessageEvent<Parameters<typeof frame>[0]>) => frame(event.data));
      port.addEventListener('close', closed);
      port.start();
    },
    close: () => port.close(),
  };
}

/** Asks the preload script for a port and resolves with it; only what comes from this very page counts. */
export function receivePort(page: Window): Promise<MessagePort> {
  return new Promise((resolve) => {
    function onMessage(event: MessageEvent<unknown>): void {
      const [port] = event.ports;
      if (event.source !== page || event.data !== PORT || !port) return;
      page.removeEventListener('message', onMessage);
      resolve(port);
    }
    page.addEventListener('message', onMessage);
    page.postMessage(ASK_PORT, page.origin);
  });
}
