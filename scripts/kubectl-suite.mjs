// Kubernetes' own kubectl tests against the sandbox. usage: node scripts/kubectl-suite.mjs [--only TEXT] [--jobs N] [--keep] [--update]
import { runTypeScript } from './run-typescript.mjs';

await runTypeScript('test/kubectl-suite/command.ts');
