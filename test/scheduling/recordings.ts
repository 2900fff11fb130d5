import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { KUBERNETES } from '../reference/release';
import type { Outcomes } from './outcome';

/** What the real scheduler did, for machines that cannot run it. */
const FILE = join(import.meta.dirname, `recorded-${KUBERNETES}.json.gz`);

export async function recordedOutcomes(): Promise<Outcomes> {
  return JSON.parse((await promisify(gunzip)(await readFile(FILE))).toString('utf8')) as Outcomes;
}

export async function writeOutcomes(outcomes: Outcomes): Promise<void> {
  await writeFile(FILE, await promisify(gzip)(JSON.stringify(outcomes), { level: 9 }));
}
