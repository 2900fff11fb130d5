import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Problem } from '#common/base/errors';

/** The whole file may not grow beyond this: it holds layouts and choices, not data. */
const MAX_BYTES = 4 << 20;

/**
 * What the window keeps between starts, one JSON value per key, in one file. Written whole beside the old file and then
 * moved over it, so that a crash leaves one or the other. A damaged file is kept aside and a new one begun.
 */
export class Preferences {
  readonly #path: string;
  #values: Promise<Record<string, unknown>> | undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(path: string) {
    this.#path = path;
  }

  async all(): Promise<Record<string, unknown>> {
    return { ...(await this.#loaded()) };
  }

  /** Merges by key; null removes a key. Resolves when the file is written. */
  async save(changes: Record<string, unknown>): Promise<void> {
    const values = await this.#loaded();
    for (const [key, value] of Object.entries(changes)) {
      if (value === null || value === undefined) delete values[key];
      else values[key] = value;
    }
    const text = `${JSON.stringify(values, undefined, 2)}\n`;
    if (text.length > MAX_BYTES) {
      throw new Problem('preferences-too-large', 'There is more to remember than the preferences file may hold.');
    }
    const written = this.#writing.then(() => this.#write(text));
    // A failed write is told to who asked for it; the next one starts anew.
    this.#writing = written.catch(() => undefined);
    await written;
  }

  #loaded(): Promise<Record<string, unknown>> {
    this.#values ??= this.#read();
    return this.#values;
  }

  async #read(): Promise<Record<string, unknown>> {
    let text: string;
    try {
      text = await readFile(this.#path, 'utf8');
    } catch (failure) {
      if ((failure as NodeJS.ErrnoException).code === 'ENOENT') return Object.create(null) as Record<string, unknown>;
      throw new Problem('preferences-unreadable', `The preferences cannot be read from ${this.#path}.`, {
        cause: failure,
      });
    }
    const values = parse(text);
    if (!values) await rename(this.#path, `${this.#path}.damaged`);
    return Object.assign(Object.create(null) as Record<string, unknown>, values);
  }

  async #write(text: string): Promise<void> {
    const draft = `${this.#path}.new`;
    await mkdir(dirname(this.#path), { recursive: true, mode: 0o700 });
    await writeFile(draft, text, { mode: 0o600 });
    await rename(draft, this.#path);
  }
}

function parse(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}
