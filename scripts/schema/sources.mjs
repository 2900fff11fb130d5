// Fetches the Go modules of the release into Go's module cache and reads what is needed from them.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { API_PACKAGES, META_PACKAGES, MODULES } from './packages.mjs';

/** Downloads every module; returns module -> folder. */
export function downloadModules() {
  const scratch = mkdtempSync(join(tmpdir(), 'schema-'));
  try {
    writeFileSync(join(scratch, 'go.mod'), 'module scratch\n\ngo 1.26\n');
    const wanted = Object.entries(MODULES).map(([module, version]) => `${module}@${version}`);
    const text = execFileSync('go', ['mod', 'download', '-json', ...wanted], { cwd: scratch, encoding: 'utf8' });
    const entries = JSON.parse(`[${text.trim().replaceAll(/\}\s*\{/g, '},{')}]`);
    return new Map(entries.map((entry) => [entry.Path, entry.Dir]));
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** Import path -> declarations of that package. */
export function readDeclarations(modules) {
  const folders = new Map();
  for (const { path } of [...META_PACKAGES, ...API_PACKAGES]) folders.set(folderOf(path, modules), path);
  const reader = fileURLToPath(new URL('read-types.go', import.meta.url));
  const options = { encoding: 'utf8', maxBuffer: 1 << 28 };
  const output = JSON.parse(execFileSync('go', ['run', reader, ...folders.keys()], options));
  return Object.fromEntries(Object.entries(output).map(([folder, decl]) => [folders.get(folder), decl]));
}

/** The release's own aggregated discovery document. */
export function readDiscovery(modules) {
  return JSON.parse(readFileSync(join(modules.get('k8s.io/kubernetes'), 'api/discovery/aggregated_v2.json'), 'utf8'));
}

/** The release's own legacy discovery of a group version, which also names the kinds of subresources. */
export function readResourceList(modules, { group, version }) {
  const name = group ? `apis__${group}__${version}` : `api__${version}`;
  return JSON.parse(readFileSync(join(modules.get('k8s.io/kubernetes'), `api/discovery/${name}.json`), 'utf8'))
    .resources;
}

function folderOf(path, modules) {
  const module = [...modules.keys()].find((name) => path === name || path.startsWith(`${name}/`));
  return join(modules.get(module), path.slice(module.length));
}
