import type { BaseWindow, BrowserWindow, MenuItemConstructorOptions } from 'electron';
import type { MenuWords } from './menu-words';

type Item = MenuItemConstructorOptions;

/** The native menu. The page has its own keys; the menu shows them and lets a hand reach what they do. */
export function menuTemplate(words: MenuWords, platform: NodeJS.Platform): Item[] {
  const isMac = platform === 'darwin';
  const separator: Item = { type: 'separator' };
  const about: Item = { role: 'about', label: words.about };
  const quit: Item = { role: 'quit', label: words.quit };
  const appMenu: Item = { role: 'appMenu' };
  const file: Item = { label: words.file, submenu: [paletteItem(words, isMac), separator, quit] };
  const view: Item[] = [
    ...(isMac ? [paletteItem(words, isMac), separator] : []),
    { role: 'reload', label: words.reload },
    separator,
    { role: 'resetZoom', label: words.actualSize },
    { role: 'zoomIn', label: words.zoomIn },
    { role: 'zoomOut', label: words.zoomOut },
    separator,
    { role: 'togglefullscreen', label: words.fullScreen },
    { role: 'toggleDevTools', visible: false },
  ];
  return [
    isMac ? appMenu : file,
    { role: 'editMenu', label: words.edit },
    { label: words.view, submenu: view },
    { role: 'windowMenu', label: words.window },
    { role: 'help', label: words.help, submenu: isMac ? [] : [about] },
  ];
}

/** Shows the page's own key and presses it: the page opens its palette as if the person had. */
function paletteItem(words: MenuWords, isMac: boolean): Item {
  return {
    id: 'palette',
    label: words.goToAnything,
    accelerator: 'CmdOrCtrl+K',
    registerAccelerator: false,
    click: (_item, window) => press(window, isMac),
  };
}

function press(window: BaseWindow | undefined, isMac: boolean): void {
  if (!isBrowserWindow(window)) return;
  const key = { keyCode: 'k', modifiers: [isMac ? ('meta' as const) : ('control' as const)] };
  window.webContents.sendInputEvent({ type: 'keyDown', ...key });
  window.webContents.sendInputEvent({ type: 'keyUp', ...key });
}

function isBrowserWindow(window: BaseWindow | undefined): window is BrowserWindow {
  return window !== undefined && 'webContents' in window;
}
