/** Every BrowserWindow that is open. */
export const openWindows = new Set();

/** Pages that are being closed: the process waits for them, as Electron's windows end with it. */
export const closing = [];
