import { EventEmitter } from 'node:events';
import { fromPageUrl } from './protocol.mjs';

export const ipcMain = new EventEmitter();

/** The main process's end of a MessagePort whose other end is in a page. */
class MessagePortMain extends EventEmitter {
  #send;
  #early = [];

  constructor(send) {
    super();
    this.#send = send;
  }

  postMessage(data) {
    this.#send({ data });
  }

  start() {
    for (const data of this.#early.splice(0)) this.emit('message', { data, ports: [] });
    this.#early = undefined;
  }

  close() {
    this.#send({ close: true });
  }

  receive(data) {
    if (this.#early) this.#early.push(data);
    else this.emit('message', { data, ports: [] });
  }
}

/**
 * Runs in the world of the preload script: `require('electron')` with what a sandboxed preload may use, spoken to the
 * main process through a binding.
 */
const prelude = `
const ports = [];
const toMain = (message) => __toMain(JSON.stringify(message));
globalThis.__fromMain = ({ port, data, close }) => close ? ports[port].close() : ports[port].postMessage(data);
const ipcRenderer = {
  postMessage(channel, message, transfer = []) {
    const ids = transfer.map((port) => {
      const id = ports.push(port) - 1;
      port.addEventListener('message', ({ data }) => toMain({ port: id, data }));
      port.addEventListener('close', () => toMain({ port: id, closed: true }));
      port.start();
      return id;
    });
    toMain({ channel, message, ports: ids });
  },
  send(channel, message) { this.postMessage(channel, message); },
};
const require = (name) => {
  if (name === 'electron') return { ipcRenderer };
  throw new Error('module not found: ' + name);
};
`;

const WORLD = 'preload';

/** Runs `preload` before the scripts of every document of a page, in a world of its own. */
export async function installPreload(devtools, preload, sender) {
  let world;
  let ports = new Map();
  devtools.on('Runtime.executionContextCreated', ({ context }) => {
    if (context.name !== WORLD) return;
    for (const port of ports.values()) port.emit('close');
    ports = new Map();
    world = context.id;
  });
  devtools.on('Runtime.bindingCalled', ({ payload, executionContextId }) => {
    if (executionContextId === world) receive(JSON.parse(payload), { devtools, world, ports, sender });
  });
  await devtools.send('Runtime.enable');
  await devtools.send('Runtime.addBinding', { name: '__toMain', executionContextName: WORLD });
  const source = `(() => {\n${prelude}\n((exports, module) => {\n${preload}\n})({}, {});\n})();`;
  await devtools.send('Page.enable');
  await devtools.send('Page.addScriptToEvaluateOnNewDocument', { source, worldName: WORLD });
  return () => {
    for (const port of ports.values()) port.emit('close');
  };
}

function receive({ channel, message, port, ports: ids = [], data, closed }, page) {
  const { ports, sender } = page;
  if (closed) ports.get(port)?.emit('close');
  else if (port !== undefined) ports.get(port)?.receive(data);
  else {
    for (const id of ids) ports.set(id, new MessagePortMain((sent) => sendTo(page, { port: id, ...sent })));
    const senderFrame = { url: fromPageUrl(sender.getURL()), parent: null };
    ipcMain.emit(channel, { sender, senderFrame, ports: ids.map((id) => ports.get(id)) }, message);
  }
}

function sendTo({ devtools, world }, message) {
  const expression = `__fromMain(${JSON.stringify(message)})`;
  // The page may have gone.
  devtools.send('Runtime.evaluate', { expression, contextId: world }).catch(() => {});
}
