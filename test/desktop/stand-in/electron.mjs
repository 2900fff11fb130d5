// A stand-in for the `electron` module: what the desktop entry uses of it, with windows that are pages of a Chromium.
export { app } from './app.mjs';
export { BrowserWindow } from './browser-window.mjs';
export { ipcMain } from './ipc.mjs';
export { Menu } from './menu.mjs';
export { protocol } from './protocol.mjs';
export { nativeTheme, screen, session, shell } from './system.mjs';
import './control.mjs';
