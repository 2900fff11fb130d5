// Mistreats clusters at random and looks whether they recover. usage: npm run properties -- [--seeds COUNT] [--from SEED] [--steps COUNT] [--no-shrink]
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runnerImport } from 'vite';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { module: properties } = await runnerImport(join(root, 'test/properties/command.ts'), {
  oxc: { target: 'node20' },
});
process.exit(await properties.main(process.argv.slice(2)));
