/**
 * Keeps a store on disk: `snapshot-N.jsonl` holds everything as it was when generation N began, `log-N.jsonl` and later
 * ones the writes since. A write counts as done when its batch is on the disk; writes that come while the disk is busy
 * share the next batch. When the log has grown, a new generation begins in the background.
 */
import { open, rename, rm, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf, Problem } from '#common/base/errors';
import type { Entry } from './entry';
import { headerLine, recordLine, type LogRecord, type ReadRecord } from './log-records';
import { readFolder, logName, removeOlder, snapshotName, syncFolder } from './log-folder';

/** The entries of one collection at the moment a snapshot begins. */
export interface CollectionState {
  id: string;
  list: readonly Entry[];
}

export interface DurableLogOptions {
  /** Told about a damaged tail that was cut off, and about a new generation that could not begin. */
  onMessage?: (message: string) => void;
  /** A new generation begins when the log is larger than this and than twice the snapshot. */
  compactAboveBytes?: number;
}

const COMPACT_ABOVE_BYTES = 16 * 2 ** 20;
const SNAPSHOT_CHUNK_BYTES = 2 ** 20;
/** Revisions left out at every start; see Store. */
const RESTART_GAP = 1000;

interface Batch {
  lines: Buffer[];
  bytes: number;
  done: Promise<void>;
  settle: (failure?: Problem) => void;
}

export class DurableLog {
  /** The first revision of this run: behind everything that was ever told. */
  readonly startRevision: number;
  /** Set by the store: what a snapshot must hold. */
  snapshotSource: (() => CollectionState[]) | undefined;
  readonly #folder: string;
  readonly #compactAboveBytes: number;
  readonly #onMessage: (message: string) => void;
  #records: ReadRecord[];
  #file: FileHandle;
  #generation: number;
  #logBytes: number;
  #snapshotBytes: number;
  #revision: number;
  #next: Batch | undefined;
  #writing: Promise<void> | undefined;
  #current: Promise<void> | undefined;
  #compacting: Promise<void> | undefined;
  #failure: Problem | undefined;

  /** Throws Problem `sandbox-damaged` for a folder that cannot be read from its beginning; it is left as it is. */
  static async open(folder: string, options: DurableLogOptions = {}): Promise<DurableLog> {
    const found = await readFolder(folder, options.onMessage ?? (() => undefined));
    const file = await open(join(folder, logName(found.generation)), 'a', 0o600);
    return new DurableLog(folder, file, found, options);
  }

  private constructor(
    folder: string,
    file: FileHandle,
    found: Awaited<ReturnType<typeof readFolder>>,
    options: DurableLogOptions,
  ) {
    this.#folder = folder;
    this.#file = file;
    this.#compactAboveBytes = options.compactAboveBytes ?? COMPACT_ABOVE_BYTES;
    this.#onMessage = options.onMessage ?? (() => undefined);
    this.#records = found.records;
    this.#generation = found.generation;
    this.#logBytes = found.logBytes;
    this.#snapshotBytes = found.snapshotBytes;
    this.startRevision = found.records.length > 0 ? found.revision + RESTART_GAP : 1;
    this.#revision = this.startRevision;
  }

  /** The writes found on disk, handed over once. */
  takeRecords(): readonly ReadRecord[] {
    const records = this.#records;
    this.#records = [];
    return records;
  }

  append(record: LogRecord): void {
    this.#revision = record.revision;
    const line = recordLine(record);
    const batch = (this.#next ??= newBatch());
    batch.lines.push(line);
    batch.bytes += line.length;
    this.#writing ??= this.#writeAll();
  }

  /** Resolves when all that was appended is on the disk; rejects with a Problem when the disk refuses. */
  flushed(): Promise<void> {
    if (this.#failure) return Promise.reject(this.#failure);
    return this.#next?.done ?? this.#current ?? Promise.resolve();
  }

  async close(): Promise<void> {
    await this.#writing;
    await this.#compacting;
    await this.#file.close();
  }

  async #writeAll(): Promise<void> {
    // Requests of the same turn of the event loop share the first batch too.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#next) {
      const batch = this.#next;
      this.#next = undefined;
      this.#current = batch.done;
      await this.#write(batch);
      if (this.#isTooLong()) await this.#beginGeneration();
    }
    this.#current = undefined;
    this.#writing = undefined;
  }

  async #write(batch: Batch): Promise<void> {
    try {
      if (!this.#failure) {
        await this.#file.write(batch.lines.length === 1 ? (batch.lines[0] as Buffer) : Buffer.concat(batch.lines));
        await this.#file.datasync();
        this.#logBytes += batch.bytes;
      }
    } catch (cause) {
      this.#failure = unwritable(this.#folder, cause);
    }
    batch.settle(this.#failure);
  }

  #isTooLong(): boolean {
    if (this.#failure || this.#compacting || !this.snapshotSource) return false;
    return this.#logBytes > Math.max(this.#compactAboveBytes, 2 * this.#snapshotBytes);
  }

  /** Between two batches: new writes go to the next log while the snapshot before them is written beside. */
  async #beginGeneration(): Promise<void> {
    const old = { file: this.#file, generation: this.#generation };
    try {
      this.#file = await this.#nextLog(old.generation + 1);
    } catch (cause) {
      this.#putOff(cause);
      return;
    }
    this.#generation = old.generation + 1;
    this.#logBytes = 0;
    // Writes that already wait for the next batch are in both: reading them twice changes nothing.
    this.#compacting = this.#compact(old, this.#revision, this.snapshotSource?.() ?? [])
      .catch((cause: unknown) => this.#putOff(cause))
      .finally(() => (this.#compacting = undefined));
  }

  /** Its name is on the disk before the first write in it is acknowledged. */
  async #nextLog(generation: number): Promise<FileHandle> {
    const path = join(this.#folder, logName(generation));
    const file = await open(path, 'a', 0o600);
    try {
      await file.write(headerLine(this.#revision));
      await syncFolder(this.#folder);
      return file;
    } catch (cause) {
      await file.close();
      await rm(path, { force: true });
      throw cause;
    }
  }

  /** Nothing is lost: all logs since the last snapshot are there. It is tried again when the log has grown as much again. */
  #putOff(cause: unknown): void {
    this.#snapshotBytes = Math.max(this.#snapshotBytes, this.#logBytes, this.#compactAboveBytes);
    this.#onMessage(`the state in ${this.#folder} could not be rewritten: ${messageOf(cause)}`);
  }

  async #compact(old: { file: FileHandle; generation: number }, revision: number, state: CollectionState[]) {
    await old.file.close();
    this.#snapshotBytes = await this.#writeSnapshot(old.generation + 1, revision, state);
    await removeOlder(this.#folder, old.generation + 1);
  }

  async #writeSnapshot(generation: number, revision: number, state: CollectionState[]): Promise<number> {
    const name = join(this.#folder, snapshotName(generation));
    const file = await open(`${name}.new`, 'w', 0o600);
    let bytes = 0;
    try {
      for (const chunk of snapshotChunks(revision, state)) bytes += (await file.write(chunk)).bytesWritten;
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(`${name}.new`, name);
    await syncFolder(this.#folder);
    return bytes;
  }
}

function newBatch(): Batch {
  let settle: Batch['settle'] = () => undefined;
  const done = new Promise<void>((resolve, reject) => {
    settle = (failure) => (failure ? reject(failure) : resolve());
  });
  // Hasty writes have nobody who waits for them.
  done.catch(() => undefined);
  return { lines: [], bytes: 0, done, settle };
}

function* snapshotChunks(revision: number, state: CollectionState[]): Generator<Buffer> {
  let lines = [headerLine(revision)];
  let bytes = 0;
  for (const { id, list } of state) {
    for (const entry of list) {
      const line = recordLine({ collection: id, key: entry.key, revision: entry.revision, bytes: entry.bytes });
      lines.push(line);
      bytes += line.length;
      if (bytes < SNAPSHOT_CHUNK_BYTES) continue;
      yield Buffer.concat(lines);
      lines = [];
      bytes = 0;
    }
  }
  yield Buffer.concat(lines);
}

function unwritable(folder: string, cause: unknown): Problem {
  return new Problem('sandbox-unwritable', `The cluster's state cannot be written to ${folder}.`, {
    nextStep: 'Free space on the disk or check its rights, then start the cluster again.',
    cause,
  });
}
