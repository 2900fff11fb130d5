import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { cacheFolder } from '../reference/binaries';
import { checkGo } from '../reference/go';

export interface BuiltProgram {
  /** Of the file or folder that the build leaves. */
  name: string;
  version: string;
  log: (line: string) => void;
  /** Throws a Problem where this computer cannot build it; Go is asked for unless it says otherwise. */
  check?: () => Promise<void>;
}

/** Where a program lies in the cache once it is built. */
export const builtProgram = ({ name, version }: Pick<BuiltProgram, 'name' | 'version'>): string =>
  join(cacheFolder(), 'clients', `${name}-${version}`, name);

/** Where a program lies in the cache; it is built when it is not there, in `cwd`, a folder that goes away, into `output`. */
export async function builtOnce(
  { name, version, log, check = checkGo }: BuiltProgram,
  build: (cwd: string, output: string) => Promise<void>,
): Promise<string> {
  const program = builtProgram({ name, version });
  const folder = dirname(program);
  if (existsSync(program)) return program;
  await check();
  log(`building ${name} ${version}; this happens once`);
  const [cwd, output] = [`${folder}.source`, `${folder}.building`];
  // What a build that was broken off has left is no part of this one.
  for (const one of [cwd, output]) await rm(one, { recursive: true, force: true });
  for (const one of [cwd, output]) await mkdir(one, { recursive: true });
  await build(cwd, output);
  await rm(folder, { recursive: true, force: true });
  await rename(output, folder);
  await rm(cwd, { recursive: true, force: true });
  return program;
}
