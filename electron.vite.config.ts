import { join } from 'node:path';
import vue from '@vitejs/plugin-vue';
import { defineConfig } from 'electron-vite';

const root = import.meta.dirname;

/** Everything is bundled: the packaged program carries `out` and no node_modules. */
export default defineConfig({
  main: {
    root,
    build: {
      externalizeDeps: false,
      outDir: join(root, 'out/main'),
      // Older than Electron's own Node, so that the tests run the very bundle in the oldest Node that is supported.
      target: 'node20',
      rolldownOptions: {
        input: { electron: join(root, 'src-main/app/electron.ts') },
        external: ['bufferutil', 'utf-8-validate'],
        output: { format: 'es', entryFileNames: '[name].js' },
      },
    },
  },
  preload: {
    root,
    build: {
      externalizeDeps: false,
      outDir: join(root, 'out/preload'),
      rolldownOptions: {
        input: { preload: join(root, 'src-preload/preload.ts') },
        // A sandboxed preload script is CommonJS.
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer: {
    root: join(root, 'src-renderer'),
    plugins: [vue()],
    build: {
      outDir: join(root, 'out/renderer'),
      emptyOutDir: true,
      minify: true,
      // The same files are served to a person's own browser.
      target: 'es2023',
      rolldownOptions: { input: { index: join(root, 'src-renderer/index.html') } },
    },
  },
});
