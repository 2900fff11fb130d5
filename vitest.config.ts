import vue from '@vitejs/plugin-vue';
import { defineConfig } from 'vitest/config';

/** Five projects: pure and Node code, window components, real kubectl against the sandbox, the founding notes tried with it, the window in a real browser. */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          environment: 'node',
          include: [
            'src-common/**/*.test.ts',
            'src-main/**/*.test.ts',
            'src-preload/**/*.test.ts',
            'test/{contracts,reference,clients,properties}/**/*.test.ts',
          ],
          setupFiles: ['test/harness/setup.ts'],
        },
      },
      {
        plugins: [vue()],
        test: {
          name: 'window',
          environment: 'happy-dom',
          include: ['src-renderer/**/*.test.ts'],
          setupFiles: ['test/harness/setup.ts'],
        },
      },
      {
        test: {
          name: 'kubectl',
          environment: 'node',
          include: ['test/kubectl/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: 'seeds',
          environment: 'node',
          include: ['test/seeds/**/*.test.ts'],
          testTimeout: 300_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: 'e2e',
          environment: 'node',
          include: ['test/e2e/**/*.test.ts', 'test/desktop/**/*.test.ts'],
          testTimeout: 180_000,
          hookTimeout: 180_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
