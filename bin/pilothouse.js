#!/usr/bin/env node
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
    const { build } = await import('../scripts/build.mjs');
    try {
      await build(partsFor(args[0]), { log: (line) => console.error(line) });
    } catch (failure) {
      console.error(`pilothouse: this checkout cannot be built. ${failure.message}`);
      process.exitCode = 1;
      return;
    }
  }
  const { main } = await import('../out/host/cli.mjs');
  process.exitCode = await main(args);
  // Everything is closed by now; a handle that a library forgot must not hold the program.
  setTimeout(() => process.exit(), 2000).unref();
}

function partsFor(command) {
  if (command === undefined || command === '--no-open') return ['host', 'window', 'desktop'];
  return command === 'web' ? ['host', 'window'] : ['host'];
}
