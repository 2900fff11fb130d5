import { createHash } from 'node:crypto';
import { cp, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BUILD_FLAGS, go } from '../reference/go';
import { builtOnce } from './built-once';
import type { Log } from './client';
import { call } from './command-line';

const SOURCES = join(import.meta.dirname, 'go');

/** One of the programs of test/clients/go; a change of the sources builds it anew. */
export async function goProgram(name: string, log: Log): Promise<string> {
  return builtOnce({ name, version: await sourcesHash(), log }, async (cwd, output) => {
    await cp(SOURCES, cwd, { recursive: true });
    await go(['build', ...BUILD_FLAGS, '-ldflags', '-s -w', '-o', join(output, name), `./${name}`], cwd);
  });
}

async function sourcesHash(): Promise<string> {
  const files = (await readdir(SOURCES, { recursive: true, withFileTypes: true })).filter((one) => one.isFile());
  const paths = files.map((file) => join(file.parentPath, file.name)).sort();
  const hash = createHash('sha256');
  for (const path of paths) hash.update(path.slice(SOURCES.length)).update(await readFile(path));
  return hash.digest('hex').slice(0, 12);
}

/** Runs a program that prints what it saw; throws its last words where it failed. */
export async function sightings(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<string[]> {
  const { code, out, err } = await call(program, args, { env });
  if (code === 0) return out.trim().split('\n');
  const last = out.trim().split('\n').at(-1) ?? '';
  throw new Error(`${lastWords(err) ?? `it ended with ${code}`} (after: ${last})`);
}

/** Of a program that gave up; a trace says nothing that its first line does not say. */
function lastWords(err: string): string | undefined {
  const lines = err.trim().split('\n').filter(Boolean);
  return lines.find((line) => line.startsWith('panic: ')) ?? lines.at(-1);
}
