import { protocol } from 'electron';
import { securityHeaders } from '#main/transport/websocket/headers';
import { listStaticFiles } from '#main/transport/websocket/static-files';

const SCHEME = 'app';
const HOST = 'pilothouse';

/** Where the window's page lives. */
export const PAGE_URL = `${SCHEME}://${HOST}/?host=desktop`;

/** Makes app:// an origin like https://, before the program is ready. */
export function registerScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true } },
  ]);
}

/** Answers app://pilothouse/… from the built window, with the same strict policy as the browser host. */
export async function serveWindow(folder: string): Promise<void> {
  const files = await listStaticFiles(folder);
  protocol.handle(SCHEME, async ({ url, method }) => {
    const { hostname, pathname } = new URL(url);
    const file = hostname === HOST && method === 'GET' ? files.get(pathname) : undefined;
    if (!file) return new Response('There is nothing at this address.\n', { status: 404, headers: securityHeaders });
    const headers = { ...securityHeaders, 'content-type': file.contentType, 'cache-control': file.cacheControl };
    return new Response(Buffer.from(await file.read()), { headers });
  });
}

export function isOwnPage(url: string, devUrl: string | undefined): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol: scheme, hostname, origin } = new URL(url);
  if (devUrl !== undefined) return origin === new URL(devUrl).origin;
  return scheme === `${SCHEME}:` && hostname === HOST;
}
