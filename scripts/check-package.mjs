// Packs the program around a dummy Electron runtime and looks into the result: the configuration is valid, everything
// that is needed is in, nothing else is. Needs no network; a real package needs `npm run package`.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { version } = JSON.parse(readFileSync(join(root, 'node_modules/electron/package.json'), 'utf8'));
const folder = mkdtempSync(join(tmpdir(), 'pilothouse-package-'));

try {
  process.exitCode = (await pack()) === 0 ? report(findings()) : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function pack() {
  const runtime = join(folder, 'electron');
  mkdirSync(join(runtime, 'locales'), { recursive: true });
  for (const [name, text] of [
    ['electron', '#!/bin/sh\n'],
    ['version', version],
    ['LICENSE', ''],
    ['LICENSES.chromium.html', ''],
  ]) {
    writeFileSync(join(runtime, name), text, { mode: 0o755 });
  }
  // The dummy has no fuses to set.
  const config = {
    extends: join(root, 'electron-builder.yml'),
    electronDist: runtime,
    directories: { output: join(folder, 'dist') },
    electronFuses: null,
  };
  writeFileSync(join(folder, 'config.json'), JSON.stringify(config));
  const builder = join(root, 'node_modules/electron-builder/cli.js');
  return run([builder, '--linux', 'dir', '--publish', 'never', '--config', join(folder, 'config.json')]);
}

function run(args) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    child.stdout.on('data', (part) => (output += part));
    child.stderr.on('data', (part) => (output += part));
    child.once('close', (code) => {
      if (code !== 0) console.error(output);
      resolve(code);
    });
  });
}

/** What is wrong with the packed program, one sentence each. */
function findings() {
  const resources = join(folder, 'dist', 'linux-unpacked', 'resources');
  const asar = createRequire(join(root, 'node_modules/app-builder-lib/package.json'))('@electron/asar');
  const files = asar.listPackage(join(resources, 'app.asar')).map((path) => path.replaceAll('\\', '/'));
  const needed = ['/package.json', '/out/main/electron.js', '/out/preload/preload.cjs', '/out/renderer/index.html'];
  const unpacked = ['cli.cjs', 'sandbox-process.cjs'].map((name) => join('app.asar.unpacked/out/host', name));
  return [
    ...needed.filter((path) => !files.includes(path)).map((path) => `${path} is missing in app.asar`),
    ...unpacked.filter((path) => !existsSync(join(resources, path))).map((path) => `${path} is missing`),
    ...files
      .filter((path) => !/^\/(package\.json$|out(\/|$))/.test(path))
      .map((path) => `${path} should not be shipped`),
  ];
}

function report(found) {
  for (const finding of found) console.error(finding);
  return found.length > 0 ? 1 : 0;
}
