/**
 * What V8 makes of the program's parts, kept for the next start: compiling three megabytes of text took a quarter of the
 * time from starting a sandbox to its first answer. The parts are CommonJS files of nothing but ASCII, whose names carry
 * a hash of their content: what is kept belongs to a name. V8 refuses what another version of it has made.
 */
import { readFileSync } from 'node:fs';
import { readdir, rm, stat } from 'node:fs/promises';
import Module, { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { cachedDataVersionTag } from 'node:v8';
import { constants, Script } from 'node:vm';
import { crc32 } from 'node:zlib';
import { isMissing, writeAtomically } from '#main/base/files';
import { systemClock } from '#main/base/system-clock';

/** `chunk-serve-sandbox-DU7dZc_S.cjs` */
const PART = /^chunk-.+-[\w-]{8}\.cjs$/;

/** Results of builds that are no longer used are kept this long: some programs of this computer may still run them. */
const KEPT_MS = 30 * 24 * 60 * 60 * 1000;

const CHECKSUM_BYTES = 4;

export class CompiledCode {
  readonly #folder: string;
  readonly #fresh = new Map<string, Script>();

  /** `folder` belongs to this purpose alone. */
  constructor(folder: string) {
    this.#folder = join(folder, cachedDataVersionTag().toString(16));
  }

  /** From now on `require` takes parts of the program from what is kept. */
  reuse(): void {
    const { extensions } = createRequire(import.meta.url);
    const usual = extensions['.js'];
    extensions['.cjs'] = (module, path) => {
      if (PART.test(basename(path))) this.#load(module, path);
      else usual?.(module, path);
    };
  }

  /** Keeps what had to be compiled, with every function that has run so far: for when a start is over. */
  async keep(): Promise<void> {
    if (this.#fresh.size === 0) return;
    for (const [path, script] of this.#fresh) {
      this.#fresh.delete(path);
      await writeAtomically(path, withChecksum(script.createCachedData()));
    }
    await this.#dropOld();
  }

  #load(module: NodeModule, path: string): void {
    const kept = join(this.#folder, `${basename(path)}.bin`);
    const cachedData = readKept(kept);
    const script = new Script(Module.wrap(readFileSync(path, 'latin1')), {
      filename: path,
      cachedData,
      importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
    });
    if (!cachedData || script.cachedDataRejected) this.#fresh.set(kept, script);
    const run = script.runInThisContext() as (...parts: unknown[]) => void;
    run.call(module.exports, module.exports, createRequire(path), module, path, dirname(path));
  }

  async #dropOld(): Promise<void> {
    for (const name of await readdir(this.#folder)) {
      const path = join(this.#folder, name);
      // Another program may drop it at the same time.
      const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Infinity }));
      if (systemClock.now() - mtimeMs > KEPT_MS) await rm(path, { force: true });
    }
  }
}

/** V8 believes whatever it is given: what was damaged on disk must not reach it. */
function readKept(path: string): Buffer | undefined {
  try {
    const content = readFileSync(path);
    const code = content.subarray(CHECKSUM_BYTES);
    return content.length > CHECKSUM_BYTES && content.readUInt32LE() === crc32(code) ? code : undefined;
  } catch (failure) {
    if (isMissing(failure)) return undefined;
    throw failure;
  }
}

function withChecksum(code: Buffer): Buffer {
  const checksum = Buffer.alloc(CHECKSUM_BYTES);
  checksum.writeUInt32LE(crc32(code));
  return Buffer.concat([checksum, code]);
}
