import { EventEmitter } from 'node:events';
import { openWindows } from './windows.mjs';

/** What was handed to the system's browser. */
export const openedOutside = [];

export const shell = {
  async openExternal(url) {
    openedOutside.push(url);
  },
};

export const screen = {
  getAllDisplays: () => JSON.parse(process.env.STAND_IN_DISPLAYS ?? '[]').map((workArea) => ({ workArea })),
};

class Session {
  request = () => true;
  check = () => true;
  device = () => true;

  setPermissionRequestHandler(handler) {
    this.request = handler;
  }

  setPermissionCheckHandler(handler) {
    this.check = handler;
  }

  setDevicePermissionHandler(handler) {
    this.device = handler;
  }
}

export const session = { defaultSession: new Session() };

class NativeTheme extends EventEmitter {
  #source = 'system';

  get themeSource() {
    return this.#source;
  }

  set themeSource(source) {
    this.#source = source;
    for (const { webContents } of openWindows) {
      void webContents.page?.emulateMedia({ colorScheme: this.shouldUseDarkColors ? 'dark' : 'light' });
    }
    this.emit('updated');
  }

  get shouldUseDarkColors() {
    return this.#source === 'dark' || (this.#source === 'system' && process.env.STAND_IN_DARK === '1');
  }
}

export const nativeTheme = new NativeTheme();
