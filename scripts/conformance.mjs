// Compares the sandbox with a real API server. usage: npm run conformance -- [--recorded | --record] [--only TEXT] [--show] [--update]
import { runTypeScript } from './run-typescript.mjs';

await runTypeScript('test/conformance/command.ts');
