// Nonsense for the sandbox's API server. usage: npm run fuzz -- [--requests N] [--minutes N] [--seed N] [--at-once N]
import { runTypeScript } from './run-typescript.mjs';

await runTypeScript(process.argv.includes('--serve') ? 'test/fuzz/serve.ts' : 'test/fuzz/command.ts');
