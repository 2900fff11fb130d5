import { SOCKET_PATH, type HostFrame } from '#common/contract/wire';
import type { HostChannel } from './connection';

/** Frames as JSON text over the WebSocket of the browser host; the cookie of the page says who we are. */
export function webSocketChannel(location: Location): HostChannel {
  const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
  const socket = new WebSocket(`${scheme}://${location.host}${SOCKET_PATH}`);
  const early: string[] = [];
  socket.addEventListener('open', () => {
    for (const text of early.splice(0)) socket.send(text);
  });
  return {
    post(frame) {
      const text = JSON.stringify(frame);
      if (socket.readyState === WebSocket.CONNECTING) early.push(text);
      else if (socket.readyState === WebSocket.OPEN) socket.send(text);
    },
    listen({ frame, closed }) {
      socket.addEventListener('message', (event: MessageEvent<string>) => frame(JSON.parse(event.data) as HostFrame));
      socket.addEventListener('close', closed);
    },
    close: () => socket.close(),
  };
}
