import { ipcRenderer } from 'electron';
import { ASK_PORT, PORT } from '#common/contract/desktop-port';

// The one thing the page gets: an end of a channel to the host, each time it asks (it asks again after a reload).
window.addEventListener('message', (event) => {
  if (event.source !== window || event.data !== ASK_PORT) return;
  const { port1, port2 } = new MessageChannel();
  ipcRenderer.postMessage(PORT, null, [port1]);
  window.postMessage(PORT, window.location.origin, [port2]);
});
