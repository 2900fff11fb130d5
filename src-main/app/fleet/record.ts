import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import type { Clock } from '#common/base/clock';
import { isMissing, readIfThere, writeAtomically } from '#main/base/files';
import { lockFolder } from './folder-lock';

/** A sandbox cluster that runs: written by its process, read by everyone who wants to reach it. */
const recordSchema = v.object({
  name: v.string(),
  pid: v.number(),
  /** Epoch milliseconds. */
  started: v.number(),
  /** Where the process takes orders: a port on 127.0.0.1, for who knows the token. */
  control: v.object({ port: v.number(), token: v.string() }),
});
export type SandboxRecord = v.InferOutput<typeof recordSchema>;

/** The records of the running sandbox clusters: one file each, in one folder. */
export class SandboxRecords {
  readonly folder: string;
  readonly #clock: Clock;

  constructor(folder: string, clock: Clock) {
    this.folder = folder;
    this.#clock = clock;
  }

  /** The names that have a record, alive or not. */
  async names(): Promise<string[]> {
    const files = await readdir(this.folder).catch((failure) => {
      if (isMissing(failure)) return [];
      throw failure;
    });
    return files.filter((file) => /^[a-z0-9].*\.json$/.test(file)).map((file) => file.slice(0, -'.json'.length));
  }

  /** The record of `name`, or nothing. A file that cannot be understood counts as nothing. */
  async read(name: string): Promise<SandboxRecord | undefined> {
    return parse(await readIfThere(this.#path(name)));
  }

  /**
   * Writes `record` unless one is there whose process lives: answers that one then. One process at a time gets this far,
   * so two starts of the same sandbox end as one cluster.
   */
  async claim(
    record: SandboxRecord,
    isAlive: (record: SandboxRecord) => Promise<boolean>,
  ): Promise<SandboxRecord | undefined> {
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
    await using _ = await this.#lock(record.name);
    const present = await this.read(record.name);
    if (present && (await isAlive(present))) return present;
    await writeAtomically(this.#path(record.name), `${JSON.stringify(record)}\n`);
    return undefined;
  }

  /** Takes `record` away, unless another process has put its own there. */
  async drop(record: SandboxRecord): Promise<void> {
    await using _ = await this.#lock(record.name);
    const present = await this.read(record.name);
    if (present?.control.token === record.control.token) await rm(this.#path(record.name), { force: true });
  }

  #lock(name: string): Promise<AsyncDisposable> {
    return lockFolder(join(this.folder, `.${name}.lock`), this.#clock);
  }

  #path(name: string): string {
    return join(this.folder, `${name}.json`);
  }
}

function parse(text: string | undefined): SandboxRecord | undefined {
  if (text === undefined) return undefined;
  try {
    const result = v.safeParse(recordSchema, JSON.parse(text));
    return result.success ? result.output : undefined;
  } catch {
    return undefined;
  }
}
