import { EventEmitter } from 'node:events';
import { mkdirSync, openSync, readFileSync, rmSync, watch, writeFileSync, closeSync } from 'node:fs';
import { join } from 'node:path';
import { closing, openWindows } from './windows.mjs';

/** An event whose default the listener may prevent. */
export function preventable(fields = {}) {
  const event = { ...fields, defaultPrevented: false, preventDefault: () => (event.defaultPrevented = true) };
  return event;
}

class App extends EventEmitter {
  name = 'electron';
  aboutPanel = {};
  #paths = new Map();
  #isReady = false;
  #lock;

  setName(name) {
    this.name = name;
  }

  setPath(name, path) {
    this.#paths.set(name, path);
  }

  getPath(name) {
    return this.#paths.get(name);
  }

  getLocale() {
    return process.env.STAND_IN_LOCALE ?? 'en-US';
  }

  setAboutPanelOptions(options) {
    this.aboutPanel = options;
  }

  isReady() {
    return this.#isReady;
  }

  async whenReady() {
    await new Promise((resolve) => setImmediate(resolve));
    this.#isReady = true;
  }

  /** One program per profile folder, as Electron does it: a second start tells the first one and gets false. */
  requestSingleInstanceLock() {
    const folder = this.getPath('userData');
    mkdirSync(folder, { recursive: true });
    const path = join(folder, 'instance.lock');
    const notes = join(folder, 'second-instance');
    try {
      closeSync(openSync(path, 'wx'));
    } catch {
      if (isRunning(Number(readFileSync(path, 'utf8')))) {
        writeFileSync(notes, String(process.pid));
        return false;
      }
    }
    writeFileSync(path, String(process.pid));
    this.#lock = path;
    let told = '';
    watch(folder, (_event, file) => {
      const note = file === 'second-instance' ? readFileSync(notes, 'utf8') : '';
      if (note === '' || note === told) return;
      told = note;
      this.emit('second-instance', {}, process.argv, process.cwd());
    }).unref();
    return true;
  }

  /** Asks listeners first, then closes the windows, then ends. */
  quit() {
    setImmediate(() => {
      const event = preventable();
      this.emit('before-quit', event);
      if (event.defaultPrevented) return;
      for (const window of openWindows) window.close();
      this.emit('will-quit', preventable());
      this.exit(0);
    });
  }

  exit(code = 0) {
    if (this.#lock) rmSync(this.#lock, { force: true });
    this.emit('quit', {}, code);
    void Promise.all(closing).then(() => process.exit(code));
  }
}

function isRunning(pid) {
  try {
    process.kill(pid, 0);
    return pid > 0;
  } catch {
    return false;
  }
}

export const app = new App();
