import { existsSync, readdirSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { basename, join } from 'node:path';
import { defineConfig, type Plugin } from 'vite';

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

/** One byte per character: V8 holds such a text in half the memory, and `src-main/app/compiled-code.ts` reads it at once. */
const asciiOnly: Plugin = {
  name: 'ascii-only',
  generateBundle(_options, bundle) {
    for (const file of Object.values(bundle)) if (file.type === 'chunk') file.code = inAscii(file.code);
  },
};

function inAscii(code: string): string {
  const [unsafe] = /(?<!\\)(?:\\\\)*\\[^\0-\x7f]/.exec(code) ?? [];
  if (unsafe) throw new Error(`"${unsafe}" cannot be written in ASCII: leave the backslash out`);
  return code.replace(/[^\0-\x7f]/g, (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** The programs that run in plain Node: the command line with the browser host, and a sandbox cluster's own process. */
export default defineConfig({
  root,
  publicDir: false,
  plugins: [asciiOnly],
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
      // CommonJS, of which Node lets a program keep what was compiled (`src-main/app/compiled-code.ts`).
      output: { format: 'cjs', entryFileNames: '[name].cjs', chunkFileNames: 'chunk-[name]-[hash].cjs' },
    },
  },
});
