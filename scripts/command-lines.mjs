// What a user says to kubectl, answered by the sandbox and by a real control plane. usage: npm run command-lines -- [--recorded | --record] [--only TEXT] [--show]
import { runTypeScript } from './run-typescript.mjs';

await runTypeScript('test/kubectl/chapters/command.ts');
