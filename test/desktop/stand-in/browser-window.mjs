import { EventEmitter } from 'node:events';
import { readFileSync } from 'node:fs';
import { app, preventable } from './app.mjs';
import { newPage } from './chromium.mjs';
import { installPreload } from './ipc.mjs';
import { answer, fromPageUrl, toPageUrl } from './protocol.mjs';
import { nativeTheme } from './system.mjs';
import { closing, openWindows } from './windows.mjs';

let lastId = 0;

class WebContents extends EventEmitter {
  id = ++lastId;
  windowOpenHandler = () => ({ action: 'allow' });
  page;

  setWindowOpenHandler(handler) {
    this.windowOpenHandler = handler;
  }

  getURL() {
    return this.page ? fromPageUrl(this.page.url()) : '';
  }

  reload() {
    void this.page?.reload();
  }

  sendInputEvent({ type, keyCode, modifiers = [] }) {
    if (type !== 'keyDown') return;
    const names = { control: 'Control', meta: 'Meta', shift: 'Shift', alt: 'Alt' };
    void this.page?.keyboard.press([...modifiers.map((modifier) => names[modifier]), keyCode].join('+'));
  }
}

export class BrowserWindow extends EventEmitter {
  webContents = new WebContents();
  options;
  isVisible = false;
  focused = 0;
  backgroundColor;
  #bounds;
  #isMaximized = false;
  #isMinimized = false;
  #isDestroyed = false;
  #leavePage = () => {};

  constructor(options) {
    super();
    const { x = 0, y = 0, width = 800, height = 600 } = options;
    this.options = options;
    this.backgroundColor = options.backgroundColor;
    this.#bounds = { x, y, width, height };
    openWindows.add(this);
  }

  async loadURL(url) {
    const page = await this.#openPage();
    await page.goto(toPageUrl(url));
    this.emit('ready-to-show');
  }

  async #openPage() {
    const { webContents } = this;
    const { width, height } = this.#bounds;
    const page = await newPage({ width, height, colorScheme: nativeTheme.shouldUseDarkColors ? 'dark' : 'light' });
    webContents.page = page;
    await page.route('**/*', (route) => this.#route(route));
    page.on('popup', (popup) => void popup.close());
    await page.exposeBinding('__opened', (_source, url) => webContents.windowOpenHandler({ url }));
    await page.addInitScript(() => {
      window.open = (url) => {
        void window.__opened(new URL(url, location.href).href);
        return null;
      };
      addEventListener('click', (event) => {
        const link = event.target.closest?.('a[target=_blank]');
        if (!link) return;
        event.preventDefault();
        void window.__opened(link.href);
      });
    });
    const preload = this.options.webPreferences?.preload;
    if (preload) {
      const devtools = await page.context().newCDPSession(page);
      this.#leavePage = await installPreload(devtools, readFileSync(preload, 'utf8'), webContents);
    }
    return page;
  }

  /** Nothing leaves this computer: a request is answered by the program or not at all. */
  async #route(route) {
    const request = route.request();
    const url = fromPageUrl(request.url());
    if (request.isNavigationRequest() && this.webContents.getURL() !== 'about:blank') {
      const event = preventable({ url, isSameDocument: false, isMainFrame: true });
      this.webContents.emit('will-navigate', event);
      if (event.defaultPrevented) return route.abort('aborted');
    }
    const response = await answer(request.url(), request.method());
    return response ? route.fulfill(response) : route.abort('addressunreachable');
  }

  show() {
    this.isVisible = true;
    this.emit('show');
  }

  hide() {
    this.isVisible = false;
  }

  focus() {
    this.focused++;
  }

  isMinimized() {
    return this.#isMinimized;
  }

  minimize() {
    this.#isMinimized = true;
  }

  restore() {
    this.#isMinimized = false;
  }

  maximize() {
    this.#isMaximized = true;
  }

  isMaximized() {
    return this.#isMaximized;
  }

  setBounds(bounds) {
    this.#bounds = { ...this.#bounds, ...bounds };
    this.emit('move');
    this.emit('resize');
  }

  getNormalBounds() {
    return this.#bounds;
  }

  setBackgroundColor(color) {
    this.backgroundColor = color;
  }

  isDestroyed() {
    return this.#isDestroyed;
  }

  close() {
    const event = preventable();
    this.emit('close', event);
    if (!event.defaultPrevented) this.destroy();
  }

  destroy() {
    this.#isDestroyed = true;
    openWindows.delete(this);
    this.#leavePage();
    if (this.webContents.page) closing.push(this.webContents.page.close().catch(() => {}));
    this.emit('closed');
    if (openWindows.size === 0) app.emit('window-all-closed');
  }
}
