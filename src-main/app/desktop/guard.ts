import { shell, type Session, type WebContents } from 'electron';
import { isOwnPage } from './app-protocol';

/** The page shows text that comes from clusters: it may go nowhere, open nothing and ask for nothing. */
export function guardContents(contents: WebContents, devUrl: string | undefined): void {
  contents.setWindowOpenHandler(({ url }) => {
    openOutside(url);
    return { action: 'deny' };
  });
  contents.on('will-navigate', (event) => {
    if (!isOwnPage(event.url, devUrl)) event.preventDefault();
  });
  contents.on('will-attach-webview', (event) => event.preventDefault());
}

/** Writing to the clipboard, when the person presses Copy, is the one permission. */
export function guardSession(session: Session, devUrl: string | undefined): void {
  const isAllowed = (permission: string, url: string) =>
    permission === 'clipboard-sanitized-write' && isOwnPage(url, devUrl);
  session.setPermissionRequestHandler((_contents, permission, answer, details) =>
    answer(isAllowed(permission, details.requestingUrl)),
  );
  session.setPermissionCheckHandler((_contents, permission, origin) => isAllowed(permission, origin));
  session.setDevicePermissionHandler(() => false);
}

/** Only web addresses leave the program; anything else could start a program on this computer. */
export function openOutside(url: string): void {
  if (URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)) void shell.openExternal(url);
}
