import { join } from 'node:path';
import { BrowserWindow, nativeTheme, screen } from 'electron';
import type { Clock } from '#common/base/clock';
import { PAGE_URL } from './app-protocol';
import { guardContents } from './guard';
import { planBounds, readWindowState, SMALLEST, writeWindowState } from './window-state';

export interface MainWindowOptions {
  /** The folder of the built program. */
  out: string;
  /** Where its place is remembered. */
  statePath: string;
  /** The development server of the page, if there is one. */
  devUrl: string | undefined;
  clock: Clock;
}

/** The canvas of the page in both themes, so that nothing flashes before it is drawn. */
const CANVAS = { dark: '#0b0e13', light: '#f5f6f8' };

/** A place is written when the window has come to rest. */
const REST_MS = 400;

/** Opens the window where it was, and remembers where it is. */
export async function openMainWindow(options: MainWindowOptions): Promise<BrowserWindow> {
  const { out, statePath, devUrl } = options;
  const saved = await readWindowState(statePath);
  const window = new BrowserWindow({
    ...planBounds(
      saved,
      screen.getAllDisplays().map((display) => display.workArea),
    ),
    minWidth: SMALLEST.width,
    minHeight: SMALLEST.height,
    show: false,
    title: 'Pilothouse',
    backgroundColor: canvas(),
    autoHideMenuBar: true,
    webPreferences: {
      preload: join(out, 'preload', 'preload.cjs'),
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      webviewTag: false,
      spellcheck: false,
    },
  });
  guardContents(window.webContents, devUrl);
  rememberPlace(window, options);
  followTheme(window);
  window.once('ready-to-show', () => {
    if (saved?.isMaximized) window.maximize();
    window.show();
  });
  await window.loadURL(devUrl === undefined ? PAGE_URL : `${devUrl}?host=desktop`);
  return window;
}

export function showWindow(window: BrowserWindow): void {
  if (window.isMinimized()) window.restore();
  window.show();
  window.focus();
}

function canvas(): string {
  return nativeTheme.shouldUseDarkColors ? CANVAS.dark : CANVAS.light;
}

function followTheme(window: BrowserWindow): void {
  const follow = () => window.setBackgroundColor(canvas());
  nativeTheme.on('updated', follow);
  window.once('closed', () => nativeTheme.off('updated', follow));
}

function rememberPlace(window: BrowserWindow, { statePath, clock }: MainWindowOptions): void {
  let resting: Disposable | undefined;
  const write = () => {
    try {
      writeWindowState(statePath, { bounds: window.getNormalBounds(), isMaximized: window.isMaximized() });
    } catch {
      // A place that cannot be kept costs the person nothing but moving the window.
    }
  };
  const moved = () => {
    resting?.[Symbol.dispose]();
    resting = clock.after(REST_MS, write);
  };
  window.on('move', moved);
  window.on('resize', moved);
  window.on('close', () => {
    resting?.[Symbol.dispose]();
    write();
  });
}
