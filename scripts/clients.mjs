// Real clients against the sandbox and a real control plane. usage: npm run clients -- [--only TEXT] [--keep FOLDER] [--update]
import { runTypeScript } from './run-typescript.mjs';

await runTypeScript('test/clients/command.ts');
