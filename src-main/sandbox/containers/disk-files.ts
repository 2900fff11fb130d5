import type { IFileSystem, InMemoryFs as MemoryFiles } from 'just-bash';

type Write = Parameters<IFileSystem['writeFile']>;
type Initial = ConstructorParameters<typeof MemoryFiles>[0];

/** So many zeros as the content of a file: they take room on a disk and none in memory. */
export class Zeros extends Uint8Array {
  readonly count: number;

  constructor(count: number) {
    super(0);
    this.count = count;
  }

  // What the library makes of it is a plain array.
  static get [Symbol.species]() {
    return Uint8Array;
  }
}

/** Zeros that somebody reads come into memory; more than this is refused, as the kernel would. */
const MOST_READ_BYTES = 256 * 2 ** 20;

export interface DiskOptions {
  /** Bytes of the device below; nothing where nobody counts them. */
  size: () => number | undefined;
}

/** Files in memory, some of which are larger than the memory that they take. */
export async function openDiskFiles(initial: Initial = {}, { size }: DiskOptions = { size: () => undefined }) {
  const { InMemoryFs } = await import('just-bash');
  class DiskFiles extends InMemoryFs {
    /** How many zeros stand before the content of a file, by its path. */
    readonly #zeros = new Map<string, number>();

    override async writeFile(path: string, content: Write[1], options?: Write[2]): Promise<void> {
      if (!(content instanceof Zeros) && this.#zeros.size === 0) return super.writeFile(path, content, options);
      const place = await this.#place(path);
      this.#zeros.delete(place);
      if (!(content instanceof Zeros)) return super.writeFile(path, content, options);
      await super.writeFile(path, '');
      await this.#take(place, content.count);
    }

    override async appendFile(path: string, content: Write[1], options?: Write[2]): Promise<void> {
      if (!(content instanceof Zeros)) return super.appendFile(path, content, options);
      await super.appendFile(path, '');
      await this.#take(await this.#place(path), content.count);
    }

    override async readFileBuffer(path: string): Promise<Uint8Array> {
      const content = await super.readFileBuffer(path);
      const zeros = await this.#zerosOf(path);
      if (zeros === 0) return content;
      return Buffer.concat([Buffer.alloc(readable(zeros, path)), content]);
    }

    override async stat(path: string) {
      return sizedBy(await super.stat(path), await this.#zerosOf(path));
    }

    override async lstat(path: string) {
      const found = await super.lstat(path);
      return found.isSymbolicLink ? found : sizedBy(found, await this.#zerosOf(path));
    }

    override async rm(path: string, options?: Parameters<IFileSystem['rm']>[1]): Promise<void> {
      const place = this.resolvePath('/', path);
      await super.rm(path, options);
      for (const one of this.#zeros.keys()) if (isWithin(one, place)) this.#zeros.delete(one);
    }

    override async mv(from: string, to: string): Promise<void> {
      const moved = await this.#carried(from, to);
      await super.mv(from, to);
      for (const [before, after, zeros] of moved) {
        this.#zeros.delete(before);
        this.#zeros.set(after, zeros);
      }
    }

    override async cp(from: string, to: string, options?: Parameters<IFileSystem['cp']>[2]): Promise<void> {
      const copied = await this.#carried(from, to);
      await super.cp(from, to, options);
      for (const [, after, zeros] of copied) this.#zeros.set(after, zeros);
    }

    async #carried(from: string, to: string): Promise<[before: string, after: string, zeros: number][]> {
      const [source, target] = [await this.#place(from), this.resolvePath('/', to)];
      return [...this.#zeros].flatMap(([path, zeros]): [string, string, number][] =>
        isWithin(path, source) ? [[path, target + path.slice(source.length), zeros]] : [],
      );
    }

    /** A device that is full takes what still fits. */
    async #take(place: string, count: number): Promise<void> {
      const total = size();
      const left = total === undefined ? Infinity : Math.max(0, total - (await usedBytes(this)));
      const taken = Math.min(count, left);
      this.#zeros.set(place, (this.#zeros.get(place) ?? 0) + taken);
      if (taken < count) throw new Error(`ENOSPC: no space left on device, write '${place}'`);
    }

    async #zerosOf(path: string): Promise<number> {
      return this.#zeros.size === 0 ? 0 : (this.#zeros.get(await this.#place(path)) ?? 0);
    }

    /** The file itself, behind links. */
    async #place(path: string): Promise<string> {
      if (!(await this.exists(path))) return this.resolvePath('/', path);
      return this.realpath(path);
    }
  }
  return new DiskFiles(initial);
}

async function usedBytes(files: IFileSystem): Promise<number> {
  let bytes = 0;
  for (const path of files.getAllPaths()) bytes += (await files.lstat(path)).size;
  return bytes;
}

function sizedBy<T extends { isFile: boolean; size: number }>(found: T, zeros: number): T {
  return found.isFile && zeros > 0 ? { ...found, size: found.size + zeros } : found;
}

function readable(zeros: number, path: string): number {
  if (zeros <= MOST_READ_BYTES) return zeros;
  throw new Error(`ENOMEM: cannot allocate memory, read '${path}'`);
}

const isWithin = (path: string, folder: string): boolean => path === folder || path.startsWith(`${folder}/`);
