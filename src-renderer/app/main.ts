import { createPinia } from 'pinia';
import { createApp } from 'vue';
import '#renderer/styles/tokens.css';
import '#renderer/styles/base.css';
import { createCatalogues, systemLocale } from '#renderer/i18n/catalogues';
import { connectionKey } from '#renderer/stores/api';
import { connectHost, type HostConnection } from '#renderer/transport/connection';
import { portChannel, receivePort } from '#renderer/transport/port-channel';
import { webSocketChannel } from '#renderer/transport/web-socket-channel';
import App from './App.vue';

/** The desktop serves the page under its own scheme and hands over a port; a browser host has a WebSocket. */
async function connect(): Promise<HostConnection> {
  if (location.protocol !== 'app:') return connectHost(() => webSocketChannel(location));
  const port = await receivePort(window);
  return connectHost(() => portChannel(port));
}

async function start(): Promise<void> {
  const app = createApp(App);
  app.provide(connectionKey, await connect());
  app.use(createPinia());
  app.use(createCatalogues(systemLocale(navigator.languages)));
  app.mount('#app');
}

void start();
