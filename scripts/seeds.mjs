// Tries what the founding notes ask for, row by row, with kubectl against sandboxes.
// usage: npm run seeds [-- --update] [-- -t PATTERN]: with --update the transcripts in docs/transcripts are written anew
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';

const root = dirname(import.meta.dirname);
const words = process.argv.slice(2);
const env = words.includes('--update') ? { ...process.env, TRANSCRIPTS: join(root, 'docs/transcripts') } : process.env;
const vitest = join(root, 'node_modules/vitest/vitest.mjs');
const args = ['run', '--project', 'seeds', ...words.filter((word) => word !== '--update')];
const { status } = spawnSync(process.execPath, [vitest, ...args], { cwd: root, env, stdio: 'inherit' });
process.exitCode = status ?? 1;
