// Compares the sandbox's scheduler with a real one. usage: npm run scheduling -- [--record] [--cases 500] [--only c12,c13]
import { runTypeScript } from './run-typescript.mjs';

await runTypeScript('test/scheduling/command.ts');
