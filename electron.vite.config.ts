import vue from '@vitejs/plugin-vue';
import { defineConfig } from 'electron-vite';
import { resolve } from 'node:path';

/** Everything is bundled: the packaged program carries `out` and no node_modules. */
export default defineConfig({
  main: {
    build: {
      externalizeDeps: false,
      outDir: 'out/main',
      // Older than Electron's own Node, so that the tests run the very bundle in the oldest Node that is supported.
      target: 'node20',
      rolldownOptions: {
        input: { electron: resolve('src-main/app/electron.ts') },
        external: ['bufferutil', 'utf-8-validate'],
      },
    },
  },
  preload: {
    build: {
      externalizeDeps: false,
      outDir: 'out/preload',
      rolldownOptions: {
        input: { preload: resolve('src-preload/preload.ts') },
        // A sandboxed preload script is CommonJS.
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer: {
    root: resolve('src-renderer'),
    plugins: [vue()],
    build: {
      outDir: resolve('out/renderer'),
      emptyOutDir: true,
      minify: true,
      // The same files are served to a person's own browser.
      target: 'es2023',
      rolldownOptions: { input: { index: resolve('src-renderer/index.html') } },
    },
  },
});
