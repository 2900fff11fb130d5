import type { Channel, HostFrame, WindowFrame } from '#common/contract/wire';

/** What the preload script says when it hands over the port to the desktop host. */
export const PORT_MESSAGE = 'pilothouse:port';

/** Frames over the MessagePort that the preload script hands to the page. */
export function portChannel(port: MessagePort): Channel<WindowFrame, HostFrame> {
  return {
    post: (frame) => port.postMessage(frame),
    listen({ frame, closed }) {
      port.addEventListener('message', (event: MessageEvent<HostFrame>) => frame(event.data));
      port.addEventListener('close', closed);
      port.start();
    },
    close: () => port.close(),
  };
}

/** Resolves with the port once it comes from this very page; the page asks for it first. */
export function receivePort(page: Window): Promise<MessagePort> {
  return new Promise((resolve) => {
    page.addEventListener('message', (event: MessageEvent<unknown>) => {
      const [port] = event.ports;
      if (event.source === page && event.data === PORT_MESSAGE && port) resolve(port);
    });
    page.postMessage(`${PORT_MESSAGE}?`, page.origin);
  });
}
