import { ipcMain, type MessagePortMain } from 'electron';
import type { Channel, HostFrame, WindowFrame } from '#common/contract/wire';
import { PORT } from '#common/contract/desktop-port';
import { PortChannel } from '#main/transport/ipc/port-channel';
import { isOwnPage } from './app-protocol';

/** Calls `connected` with a channel to each page of ours that asks for one. A page that asks again left the former one. */
export function acceptWindows(
  connected: (channel: Channel<HostFrame, WindowFrame>) => void,
  devUrl: string | undefined,
): void {
  const channels = new Map<number, Channel<HostFrame, WindowFrame>>();
  ipcMain.on(PORT, (event) => {
    const { senderFrame, sender, ports } = event;
    const [port] = ports as [MessagePortMain?];
    const isOwn = senderFrame !== null && senderFrame.parent === null && isOwnPage(senderFrame.url, devUrl);
    if (!port || !isOwn) {
      port?.close();
      return;
    }
    channels.get(sender.id)?.close();
    const channel = new PortChannel<HostFrame, WindowFrame>(port);
    channels.set(sender.id, channel);
    connected(channel);
  });
}
