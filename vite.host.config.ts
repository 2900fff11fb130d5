import { existsSync, readdirSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { basename, join } from 'node:path';
import { defineConfig } from 'vite';

const root = import.meta.dirname;

/** Scripts that run in worker threads: each is a file of its own beside the programs, found by its name. */
function workers(folder: string): string[] {
  if (!existsSync(join(root, folder))) return [];
  const paths = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' });
  return paths.filter((path) => path.endsWith('worker.ts')).map((path) => join(folder, path));
}

const entries = [
  'src-main/app/cli/main.ts',
  'src-main/app/sandbox-process.ts',
  ...workers('src-main/sandbox/containers'),
];
const nameOf = (path: string) => (path.endsWith('cli/main.ts') ? 'cli' : basename(path, '.ts'));

/** The programs that run in plain Node: the command line with the browser host, and a sandbox cluster's own process. */
export default defineConfig({
  root,
  publicDir: false,
  ssr: { noExternal: true },
  build: {
    ssr: true,
    outDir: join(root, 'out/host'),
    // A program that runs may still load parts of the former build, by their names with a hash.
    emptyOutDir: false,
    target: 'node20',
    minify: false,
    rolldownOptions: {
      input: Object.fromEntries(entries.map((path) => [nameOf(path), join(root, path)])),
      // Optional native parts of `ws` and `just-bash`, which look whether they are there.
      external: [
        ...builtinModules,
        ...builtinModules.map((name) => `node:${name}`),
        'bufferutil',
        'utf-8-validate',
        '@mongodb-js/zstd',
        'node-liblzma',
      ],
      // All in one folder, so that a program finds its workers beside itself from any chunk.
      output: { entryFileNames: '[name].mjs', chunkFileNames: 'chunk-[name]-[hash].mjs' },
    },
  },
});
