// Takes the sandbox and a real control plane through the same flows. usage: npm run flows -- [--recorded | --record] [--only TEXT] [--show] [--update]
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runnerImport } from 'vite';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { module: flows } = await runnerImport(join(root, 'test/conformance/flows/command.ts'), {
  oxc: { target: 'node20' },
});
process.exit(await flows.main(process.argv.slice(2)));
