#!/usr/bin/env node
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const oldest = [20, 19];
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

if (major < oldest[0] || (major === oldest[0] && minor < oldest[1])) {
  console.error(
    `Pilothouse needs Node.js ${oldest.join('.')} or newer; this is ${process.versions.node}. Get a newer one from https://nodejs.org.`,
  );
  process.exitCode = 1;
} else {
  await start(process.argv.slice(2));
}

async function start(args) {
  // Whoever reads our output may stop reading, as `head` does.
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (failure) => process.exit(failure.code === 'EPIPE' ? 0 : 1));
  }
  // A checkout builds what is missing or old; the published package has everything built.
  if (existsSync(fileURLToPath(new URL('../src-main', import.meta.url)))) {
    if (!(await bringUpToDate(partsFor(args[0])))) {
      process.exitCode = 1;
      return;
    }
  }
  const { main } = await import('../out/host/cli.cjs');
  process.exitCode = await main(args);
  // Everything is closed by now; a handle that a library forgot must not hold the program.
  setTimeout(() => process.exit(), 2000).unref();
}

/** Builds in a process of its own: the program itself keeps nothing of what a build needs. */
async function bringUpToDate(parts) {
  const { stale } = await import('../scripts/build.mjs');
  const old = stale(parts);
  if (old.length === 0) return true;
  const script = fileURLToPath(new URL('../scripts/build.mjs', import.meta.url));
  const { status } = spawnSync(process.execPath, [script, ...old], { stdio: ['ignore', process.stderr, 'inherit'] });
  if (status !== 0) console.error('pilothouse: this checkout cannot be built; the lines above say why.');
  return status === 0;
}

function partsFor(command) {
  if (command === undefined || command === '--no-open') return ['host', 'window', 'desktop'];
  return command === 'web' ? ['host', 'window'] : ['host'];
}
