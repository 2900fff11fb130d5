// Compares the sandbox with a real API server. usage: npm run conformance -- [--recorded | --record] [--only TEXT] [--show] [--update]
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runnerImport } from 'vite';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { module: conformance } = await runnerImport(join(root, 'test/conformance/command.ts'), {
  oxc: { target: 'node20' },
});
process.exit(await conformance.main(process.argv.slice(2)));
