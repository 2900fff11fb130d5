import type { FsStat, IFileSystem } from 'just-bash';
import type { Clock } from '#common/base/clock';

type Entries = Awaited<ReturnType<NonNullable<IFileSystem['readdirWithFileTypes']>>>;

/** Files that take no memory: their text is made when somebody reads it. Paths are absolute and resolved. */
export interface VirtualFiles {
  /** What stands in a file; undefined where there is none. */
  text(path: string): string | undefined;
  /** The names in a folder; undefined where there is none. */
  names(folder: string): readonly string[] | undefined;
  /** The mode of its files. */
  mode: number;
  /** When they were made, in epoch milliseconds; now when absent. */
  madeMs?: number;
}

/** What changes a file that must be there: its first word is the place. */
const UNFOLDING = new Set(['appendFile', 'chmod', 'cp', 'link', 'mv', 'utimes']);
/** What gives the time of now to the place that is its word of this number. */
const DATING: ReadonlyMap<string, number> = new Map([
  ['writeFile', 0],
  ['appendFile', 0],
  ['mkdir', 0],
]);

/**
 * The files of a container as its processes see them: with virtual ones beside its own, and with the cluster's time on
 * what is written. A virtual file becomes one of the container's own when somebody changes it.
 */
export function withVirtualFiles(whole: IFileSystem, sources: readonly VirtualFiles[], clock: Clock): IFileSystem {
  const view = new View(whole, sources, clock);
  const own = new Map<string, (...words: never[]) => unknown>(
    Object.entries({
      exists: (path: string) => view.exists(path),
      stat: (path: string) => view.stat(path, 'stat'),
      lstat: (path: string) => view.stat(path, 'lstat'),
      readdir: (path: string) => view.list(path),
      readdirWithFileTypes: (path: string) => view.entries(path),
      readFile: async (path: string, options?: never) => (await view.text(path)) ?? whole.readFile(path, options),
      readFileBytes: async (path: string) =>
        (await view.text(path)) ?? whole.readFileBytes?.(path) ?? whole.readFile(path, 'latin1'),
      readFileBuffer: async (path: string) => {
        const text = await view.text(path);
        return text === undefined ? whole.readFileBuffer(path) : Buffer.from(text);
      },
      realpath: async (path: string) => ((await view.text(path)) === undefined ? whole.realpath(path) : path),
      cp: (from: string, to: string, options?: { recursive?: boolean }) => view.copy(from, to, options),
      rm: (path: string, options?: { force?: boolean; recursive?: boolean }) => view.remove(path, options),
    }),
  );
  return new Proxy(whole, {
    get(target, key) {
      const special = own.get(String(key));
      if (special) return special;
      const value: unknown = Reflect.get(target, key, target);
      if (typeof value !== 'function') return value;
      const dated = DATING.get(String(key));
      if (dated === undefined && !UNFOLDING.has(String(key))) return value.bind(target);
      return async (...words: unknown[]) => {
        const path = String(words[0]);
        if (UNFOLDING.has(String(key))) await view.unfold(path);
        const result: unknown = await value.apply(target, words);
        if (key === 'mv') view.removed.add(path);
        if (dated !== undefined) await view.date(String(words[dated]));
        return result;
      };
    },
  });
}

class View {
  readonly removed = new Set<string>();
  readonly #whole: IFileSystem;
  readonly #sources: readonly VirtualFiles[];
  readonly #clock: Clock;

  constructor(whole: IFileSystem, sources: readonly VirtualFiles[], clock: Clock) {
    this.#whole = whole;
    this.#sources = sources;
    this.#clock = clock;
  }

  /**
   * The library finds commands in its own table as long as `/usr/bin` is not there: the commands that it is
   * instrumented with have no files.
   */
  async exists(path: string): Promise<boolean> {
    if (path === '/usr/bin') return false;
    return this.#source(path) !== undefined || this.#isFolder(path) || this.#whole.exists(path);
  }

  async stat(path: string, how: 'stat' | 'lstat'): Promise<FsStat> {
    const text = await this.text(path);
    if (text !== undefined) {
      const { mode, madeMs = this.#clock.now() } = this.#source(path) ?? { mode: 0o444 };
      return { ...FILE, mode, size: Buffer.byteLength(text), mtime: new Date(madeMs) };
    }
    if (!this.#isFolder(path) || (await this.#whole.exists(path))) return this.#whole[how](path);
    const made = this.#sources.find((source) => source.names(path) !== undefined)?.madeMs;
    return { ...FOLDER, mtime: new Date(made ?? this.#clock.now()) };
  }

  /** One file is copied by its content, also where a link leads to it, as `cp` does without `-r`. */
  async copy(from: string, to: string, options?: { recursive?: boolean }): Promise<void> {
    await this.unfold(from);
    const isLink = !options?.recursive && (await this.#whole.lstat(from)).isSymbolicLink;
    if (isLink) await this.#whole.writeFile(to, await this.#whole.readFileBuffer(from));
    else await this.#whole.cp(from, to, options);
    await this.date(to);
  }

  async list(path: string): Promise<string[]> {
    const added = this.#added(path);
    if (added.length === 0) return this.#whole.readdir(path);
    const there = (await this.#whole.exists(path)) ? await this.#whole.readdir(path) : [];
    return [...new Set([...there, ...added])].sort();
  }

  async entries(path: string): Promise<Entries> {
    const names = await this.list(path);
    const below = path === '/' ? '' : path;
    return Promise.all(
      names.map(async (name) => {
        const { isFile, isDirectory, isSymbolicLink } = await this.stat(`${below}/${name}`, 'lstat');
        return { name, isFile, isDirectory, isSymbolicLink };
      }),
    );
  }

  /** What stands in a virtual file that nobody has changed. */
  async text(path: string): Promise<string | undefined> {
    const source = this.#source(path);
    return source && !(await this.#whole.exists(path)) ? source.text(path) : undefined;
  }

  /** Makes a virtual file one like others. */
  async unfold(path: string): Promise<void> {
    const text = await this.text(path);
    if (text === undefined) return;
    await this.#whole.writeFile(path, text);
    await this.#whole.chmod(path, this.#source(path)?.mode ?? 0o644);
  }

  async remove(path: string, options?: { force?: boolean; recursive?: boolean }): Promise<void> {
    const isOne = (await this.text(path)) !== undefined;
    for (const name of this.#added(path)) this.removed.add(`${path}/${name}`);
    if (isOne) this.removed.add(path);
    else await this.#whole.rm(path, options);
  }

  /** Puts the cluster's time on what was just written; what is no longer there has none. */
  async date(path: string): Promise<void> {
    const now = new Date(this.#clock.now());
    await this.#whole.utimes(path, now, now).catch(() => undefined);
  }

  #source(path: string): VirtualFiles | undefined {
    if (this.removed.has(path)) return undefined;
    return this.#sources.find((source) => source.text(path) !== undefined);
  }

  #isFolder(path: string): boolean {
    return this.#sources.some((source) => source.names(path) !== undefined);
  }

  #added(folder: string): string[] {
    const below = folder === '/' ? '' : folder;
    const names = this.#sources.flatMap((source) => source.names(folder) ?? []);
    return names.filter((name) => !this.removed.has(`${below}/${name}`));
  }
}

const FILE = { isFile: true, isDirectory: false, isSymbolicLink: false };
const FOLDER: Omit<FsStat, 'mtime'> = {
  isFile: false,
  isDirectory: true,
  isSymbolicLink: false,
  mode: 0o755,
  size: 4096,
};
