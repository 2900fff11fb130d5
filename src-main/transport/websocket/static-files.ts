import { readdir, readFile } from 'node:fs/promises';
import { extname, join, relative, sep } from 'node:path';

export interface StaticFile {
  contentType: string;
  cacheControl: string;
  read(): Promise<Uint8Array>;
}

const contentTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.webmanifest': 'application/manifest+json',
  '.wasm': 'application/wasm',
  '.txt': 'text/plain; charset=utf-8',
};

/** The files under `folder` by URL path. Only what was listed is served, so a path can name nothing else. */
export async function listStaticFiles(folder: string): Promise<ReadonlyMap<string, StaticFile>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = new Map<string, StaticFile>();
  for (const entry of entries) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    files.set(`/${relative(folder, path).split(sep).join('/')}`, staticFile(path));
  }
  const index = files.get('/index.html');
  if (index) files.set('/', index);
  return files;
}

function staticFile(path: string): StaticFile {
  const extension = extname(path);
  return {
    contentType: contentTypes[extension] ?? 'application/octet-stream',
    // The build names everything except the page after its content.
    cacheControl: extension === '.html' ? 'no-store' : 'private, max-age=31536000, immutable',
    read: () => readFile(path),
  };
}
