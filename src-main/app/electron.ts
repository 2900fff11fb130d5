import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { app } from 'electron';
import { messageOf } from '#common/base/errors';
import { registerScheme } from './desktop/app-protocol';
import { Desktop } from './desktop/desktop';
import { programFolders } from './fleet/folders';

// The desktop entry. The folder of the built program holds this file in `main`.
const out = dirname(dirname(fileURLToPath(import.meta.url)));
const folders = programFolders();

registerScheme();
app.setName('Pilothouse');
app.setPath('userData', folders.desktop);
app.setPath('sessionData', join(folders.desktop, 'session'));

if (app.requestSingleInstanceLock()) {
  const desktop = new Desktop({ out, folders });
  app.on('second-instance', () => desktop.show());
  app.on('activate', () => desktop.show());
  app.on('window-all-closed', () => {
    if (process.platform !== 'darwin') app.quit();
  });
  app.on('before-quit', (event) => desktop.beforeQuit(event));
  app
    .whenReady()
    .then(() => desktop.start())
    .catch((failure: unknown) => {
      process.stderr.write(`pilothouse: ${messageOf(failure)}\n`);
      app.exit(1);
    });
} else {
  app.quit();
}
