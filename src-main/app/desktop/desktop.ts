import { join } from 'node:path';
import { app, Menu, session, shell, type BrowserWindow } from 'electron';
import { messageOf } from '#common/base/errors';
import { Scope } from '#common/base/scope';
import { contract } from '#common/contract/contract';
import { serve } from '#common/contract/serve';
import { systemClock } from '#main/base/system-clock';
import { composeHost } from '../compose';
import { startFirstCluster } from '../fleet/first-cluster';
import type { ProgramFolders } from '../fleet/folders';
import { openFleet } from '../fleet/open-fleet';
import { programVersion } from '../version';
import { serveWindow } from './app-protocol';
import { guardSession } from './guard';
import { openMainWindow, showWindow } from './main-window';
import { menuTemplate } from './menu';
import { menuWords } from './menu-words';
import { followChosenTheme } from './native-theme';
import { acceptWindows } from './window-ports';

export interface DesktopOptions {
  /** The folder of the built program. */
  out: string;
  folders: ProgramFolders;
}

/** Whatever is still open after this is left behind: the person wants to quit. */
const QUIT_GRACE_MS = 12_000;

/** The program on the desktop: the host in this process, one window, and what the system offers natively. */
export class Desktop {
  readonly #options: DesktopOptions;
  readonly #scope = new Scope('desktop');
  readonly #devUrl = process.env['ELECTRON_RENDERER_URL'];
  #window: BrowserWindow | undefined;
  #opening: Promise<void> | undefined;
  #quitting: 'no' | 'closing' | 'closed' = 'no';

  constructor(options: DesktopOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    const { out } = this.#options;
    guardSession(session.defaultSession, this.#devUrl);
    Menu.setApplicationMenu(Menu.buildFromTemplate(menuTemplate(menuWords(app.getLocale()), process.platform)));
    app.setAboutPanelOptions({ applicationName: 'Pilothouse', applicationVersion: programVersion });
    await Promise.all([serveWindow(join(out, 'renderer')), this.#serveHost()]);
    await this.#open();
  }

  /** Brings the window to the front; opens it again after it was closed (macOS). */
  show(): void {
    if (this.#window) showWindow(this.#window);
    else if (app.isReady()) void this.#open();
  }

  /** Closes sessions, forwards and sandboxes of this program before it ends. */
  beforeQuit(event: { preventDefault(): void }): void {
    if (this.#quitting === 'closed') return;
    event.preventDefault();
    if (this.#quitting === 'closing') return;
    this.#quitting = 'closing';
    this.#window?.hide();
    void this.#closeAndQuit();
  }

  async #serveHost(): Promise<void> {
    const { out, folders } = this.#options;
    const scope = this.#scope;
    const fleet = await openFleet({ out, scope, owned: true, folders });
    await fleet.watch();
    const first = await startFirstCluster(fleet, process.env);
    // The window shows why a sandbox did not start; here it only must not end the program.
    first?.started.catch(report);
    const platform = process.platform === 'darwin' || process.platform === 'win32' ? process.platform : 'linux';
    const openFirst = first ? { openFirst: first.id } : {};
    const { handlers } = await composeHost({
      info: { version: programVersion, host: 'desktop', platform, ...openFirst },
      fleet,
      stateFolder: folders.state,
      scope,
      openExternal: (url) => shell.openExternal(url),
    });
    const themed = await followChosenTheme(handlers);
    acceptWindows((channel) => serve(contract, themed, channel), this.#devUrl);
  }

  #open(): Promise<void> {
    this.#opening ??= this.#openWindow().finally(() => (this.#opening = undefined));
    return this.#opening;
  }

  async #openWindow(): Promise<void> {
    const { out, folders } = this.#options;
    const statePath = join(folders.state, 'window.json');
    const window = await openMainWindow({ out, statePath, devUrl: this.#devUrl, clock: systemClock });
    this.#window = window;
    window.once('closed', () => (this.#window = undefined));
    window.webContents.on('render-process-gone', (_event, { reason }) => {
      if (reason !== 'clean-exit' && !window.isDestroyed()) window.webContents.reload();
    });
  }

  async #closeAndQuit(): Promise<void> {
    const closed = this.#scope.close().catch(report);
    const grace = new Promise<void>((resolve) => systemClock.after(QUIT_GRACE_MS, resolve));
    await Promise.race([closed, grace]);
    this.#quitting = 'closed';
    app.quit();
  }
}

function report(failure: unknown): void {
  process.stderr.write(`pilothouse: ${messageOf(failure)}\n`);
}
