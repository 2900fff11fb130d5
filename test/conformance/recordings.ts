import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { KUBERNETES } from '../reference/release';
import type { Script } from './exchange';
import type { Answers } from './run-script';

/** The answers of the reference, comparable already, for machines that cannot build it: one file for each script. */
const folder = join(import.meta.dirname, 'recorded', KUBERNETES);
const fileOf = ({ name }: Script) => join(folder, `${name}.json.gz`);

export async function recorded(script: Script): Promise<Answers | undefined> {
  const file = fileOf(script);
  if (!existsSync(file)) return undefined;
  return JSON.parse((await promisify(gunzip)(await readFile(file))).toString('utf8')) as Answers;
}

export async function record(script: Script, answers: Answers): Promise<void> {
  const file = fileOf(script);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, await promisify(gzip)(JSON.stringify(answers), { level: 9 }));
}
