// The real control plane that the sandbox is compared with. usage: npm run reference -- build|start|stop|status
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runnerImport } from 'vite';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { module: reference } = await runnerImport(join(root, 'test/reference/command.ts'), {
  oxc: { target: 'node20' },
});
process.exitCode = await reference.main(process.argv.slice(2));
