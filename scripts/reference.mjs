// The real control plane that the sandbox is compared with. usage: npm run reference -- build|start|stop|status|window [FOLDER]
import { runTypeScript } from './run-typescript.mjs';

await runTypeScript('test/reference/command.ts');
