import type { FsStat, IFileSystem } from 'just-bash';

type Entries = Awaited<ReturnType<NonNullable<IFileSystem['readdirWithFileTypes']>>>;

const FOLDERS = ['/bin', '/usr/bin'];
const PROGRAM = /^\/(?:usr\/)?bin\/([^/]+)$/;
const BUILT = new Date(Date.UTC(2025, 0, 1));
const MODE = 0o755;
/** Programs that the library has as words of its shell only. */
const BUILTIN = new Set(['[', 'test', 'pwd', 'kill']);

/** What changes a file that must be there: its first word is the place. */
const CHANGING = new Set(['appendFile', 'chmod', 'cp', 'link', 'mv', 'utimes']);

/**
 * The files of a container together with its programs, which lie in `/bin` and `/usr/bin` without taking memory: each
 * becomes a file of its own when somebody changes it. A program is a text that calls it, so that its copies run too.
 */
export function withPrograms(whole: IFileSystem, names: ReadonlySet<string>): IFileSystem {
  const programs = new Programs(whole, names);
  const own = new Map<string, (...words: never[]) => unknown>(
    Object.entries({
      exists: (path: string) => programs.exists(path),
      stat: (path: string) => programs.stat(path, 'stat'),
      lstat: (path: string) => programs.stat(path, 'lstat'),
      readdir: (path: string) => programs.list(path),
      readdirWithFileTypes: (path: string) => programs.entries(path),
      readFile: async (path: string, options?: never) => (await programs.text(path)) ?? whole.readFile(path, options),
      readFileBytes: async (path: string) =>
        (await programs.text(path)) ?? whole.readFileBytes?.(path) ?? whole.readFile(path, 'latin1'),
      readFileBuffer: async (path: string) => {
        const text = await programs.text(path);
        return text === undefined ? whole.readFileBuffer(path) : Buffer.from(text);
      },
      realpath: async (path: string) => ((await programs.text(path)) === undefined ? whole.realpath(path) : path),
      rm: (path: string, options?: { force?: boolean; recursive?: boolean }) => programs.remove(path, options),
    }),
  );
  return new Proxy(whole, {
    get(target, key) {
      const special = own.get(String(key));
      if (special) return special;
      const value: unknown = Reflect.get(target, key, target);
      if (typeof value !== 'function') return value;
      if (!CHANGING.has(String(key))) return value.bind(target);
      return async (path: string, ...words: unknown[]) => {
        await programs.unfold(path);
        const result: unknown = await value.call(target, path, ...words);
        if (key === 'mv') programs.removed.add(path);
        return result;
      };
    },
  });
}

class Programs {
  readonly removed = new Set<string>();
  readonly #whole: IFileSystem;
  readonly #names: ReadonlySet<string>;

  constructor(whole: IFileSystem, names: ReadonlySet<string>) {
    this.#whole = whole;
    this.#names = names;
  }

  /**
   * The library finds commands in its own table as long as `/usr/bin` is not there: the commands that it is
   * instrumented with have no files.
   */
  async exists(path: string): Promise<boolean> {
    if (path === '/usr/bin') return false;
    return path === '/bin' || this.#isProgram(path) || this.#whole.exists(path);
  }

  async stat(path: string, how: 'stat' | 'lstat'): Promise<FsStat> {
    const text = await this.text(path);
    if (text !== undefined) return { ...FILE, size: text.length };
    return isFolder(path) && !(await this.#whole.exists(path)) ? FOLDER : this.#whole[how](path);
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

  /** What stands in the file of a program that nobody has changed. */
  async text(path: string): Promise<string | undefined> {
    if (!this.#isProgram(path) || (await this.#whole.exists(path))) return undefined;
    const name = path.slice(path.lastIndexOf('/') + 1);
    return `#!/bin/sh\n${BUILTIN.has(name) ? name : `exec ${path}`} "$@"\n`;
  }

  /** Makes a program a file like others. */
  async unfold(path: string): Promise<void> {
    const text = await this.text(path);
    if (text === undefined) return;
    await this.#whole.writeFile(path, text);
    await this.#whole.chmod(path, MODE);
  }

  async remove(path: string, options?: { force?: boolean; recursive?: boolean }): Promise<void> {
    const isOne = (await this.text(path)) !== undefined;
    for (const name of this.#added(path)) this.removed.add(`${path}/${name}`);
    if (isOne) this.removed.add(path);
    else await this.#whole.rm(path, options);
  }

  #isProgram(path: string): boolean {
    const name = PROGRAM.exec(path)?.[1];
    return name !== undefined && this.#names.has(name) && !this.removed.has(path);
  }

  #added(folder: string): string[] {
    if (folder === '/') return ['bin', 'usr'];
    if (folder === '/usr') return ['bin'];
    if (!FOLDERS.includes(folder)) return [];
    return [...this.#names].filter((name) => !this.removed.has(`${folder}/${name}`));
  }
}

const FILE: Omit<FsStat, 'size'> = {
  isFile: true,
  isDirectory: false,
  isSymbolicLink: false,
  mode: MODE,
  mtime: BUILT,
};
const FOLDER: FsStat = {
  isFile: false,
  isDirectory: true,
  isSymbolicLink: false,
  mode: MODE,
  size: 4096,
  mtime: BUILT,
};

const isFolder = (path: string): boolean => FOLDERS.includes(path) || path === '/usr';
