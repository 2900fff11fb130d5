import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { KUBERNETES } from '../reference/release';

/** What the reference did, comparable already, for machines that cannot build it: one file for each script or flow. */
const folder = join(import.meta.dirname, 'recorded', KUBERNETES);
const fileOf = ({ name }: Named) => join(folder, `${name}.json.gz`);

interface Named {
  name: string;
}

export async function recorded<T>(of: Named): Promise<T | undefined> {
  const file = fileOf(of);
  if (!existsSync(file)) return undefined;
  return JSON.parse((await promisify(gunzip)(await readFile(file))).toString('utf8')) as T;
}

export async function record(of: Named, content: unknown): Promise<void> {
  const file = fileOf(of);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, await promisify(gzip)(JSON.stringify(content), { level: 9 }));
}
