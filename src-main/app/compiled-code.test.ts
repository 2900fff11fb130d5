import { mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CompiledCode } from './compiled-code';

const PART = 'chunk-part-0a1B2c_-.cjs';
const require = createRequire(import.meta.url);
const usual = { ...require.extensions };

describe('compiled code', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'compiled-'));
    await writeFile(join(folder, PART), "exports.answer = () => 42; exports.other = require('./other.cjs');");
    await writeFile(join(folder, 'other.cjs'), 'exports.name = __filename;');
  });

  afterEach(async () => {
    delete require.extensions['.cjs'];
    Object.assign(require.extensions, usual);
    await rm(folder, { recursive: true });
  });

  /** As a new process does it. */
  function start(): { compiled: CompiledCode; part: { answer(): number; other: { name: string } } } {
    for (const path of Object.keys(require.cache)) if (path.startsWith(folder)) delete require.cache[path];
    const compiled = new CompiledCode(join(folder, 'kept'));
    compiled.reuse();
    return { compiled, part: require(join(folder, PART)) };
  }

  async function kept(): Promise<string[]> {
    const [version = ''] = await readdir(join(folder, 'kept'));
    return (await readdir(join(folder, 'kept', version))).map((name) => join(folder, 'kept', version, name));
  }

  it('keeps parts of the program, and nothing else', async () => {
    const { compiled, part } = start();
    expect(part.answer()).toBe(42);
    expect(part.other.name).toBe(join(folder, 'other.cjs'));
    await compiled.keep();
    expect(await kept()).toEqual([expect.stringMatching(`${PART}.bin$`)]);
  });

  it('leaves what is kept as it is', async () => {
    await start().compiled.keep();
    const [path = ''] = await kept();
    await utimes(path, 1e9, 1e9);
    const { compiled, part } = start();
    await compiled.keep();
    expect(part.answer()).toBe(42);
    expect((await stat(path)).mtimeMs).toBe(1e12);
  });

  it('compiles again what was damaged', async () => {
    await start().compiled.keep();
    const [path = ''] = await kept();
    const good = await readFile(path);
    await writeFile(path, good.subarray(0, good.length - 100));
    const { compiled, part } = start();
    expect(part.answer()).toBe(42);
    await compiled.keep();
    expect((await readFile(path)).length).toBeGreaterThan(good.length - 100);
  });

  it('drops what nobody has written for a month', async () => {
    await start().compiled.keep();
    const [path = ''] = await kept();
    const old = path.replace(PART, 'chunk-older-00000000.cjs');
    await writeFile(old, '');
    await utimes(old, 1e9, 1e9);
    await rm(path);
    await start().compiled.keep();
    expect(await kept()).toEqual([path]);
  });
});
