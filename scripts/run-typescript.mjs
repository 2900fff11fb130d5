// Runs the `main` of a TypeScript program of this tree, whose modules may load others later on.
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createServer } from 'vite';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Ends the process with the exit code that `main` of the file answers. */
export async function runTypeScript(file) {
  const server = await createServer({
    root,
    configFile: false,
    appType: 'custom',
    logLevel: 'error',
    server: { middlewareMode: true, hmr: false, ws: false, watch: null },
    optimizeDeps: { noDiscovery: true },
    oxc: { target: 'node20' },
  });
  const { main } = await server.ssrLoadModule(join(root, file));
  process.exit(await main(process.argv.slice(2)));
}
