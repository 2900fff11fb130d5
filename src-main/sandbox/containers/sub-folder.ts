import type { IFileSystem } from 'just-bash';

type Write = Parameters<IFileSystem['writeFile']>;

/** One folder of a file system as a file system of its own: what a mount with `subPath` shows. */
export class SubFolder implements IFileSystem {
  readonly #whole: IFileSystem;
  readonly #prefix: string;

  /** `folder` is an absolute path without a slash at its end. */
  constructor(whole: IFileSystem, folder: string) {
    this.#whole = whole;
    this.#prefix = folder;
  }

  readFile(path: string, options?: Parameters<IFileSystem['readFile']>[1]): Promise<string> {
    return this.#whole.readFile(this.#in(path), options);
  }

  readFileBuffer(path: string): Promise<Uint8Array> {
    return this.#whole.readFileBuffer(this.#in(path));
  }

  writeFile(path: string, content: Write[1], options?: Write[2]): Promise<void> {
    return this.#whole.writeFile(this.#in(path), content, options);
  }

  appendFile(path: string, content: Write[1], options?: Write[2]): Promise<void> {
    return this.#whole.appendFile(this.#in(path), content, options);
  }

  exists(path: string): Promise<boolean> {
    return this.#whole.exists(this.#in(path));
  }

  stat(path: string): ReturnType<IFileSystem['stat']> {
    return this.#whole.stat(this.#in(path));
  }

  lstat(path: string): ReturnType<IFileSystem['lstat']> {
    return this.#whole.lstat(this.#in(path));
  }

  mkdir(path: string, options?: Parameters<IFileSystem['mkdir']>[1]): Promise<void> {
    return this.#whole.mkdir(this.#in(path), options);
  }

  readdir(path: string): Promise<string[]> {
    return this.#whole.readdir(this.#in(path));
  }

  rm(path: string, options?: Parameters<IFileSystem['rm']>[1]): Promise<void> {
    return this.#whole.rm(this.#in(path), options);
  }

  cp(from: string, to: string, options?: Parameters<IFileSystem['cp']>[2]): Promise<void> {
    return this.#whole.cp(this.#in(from), this.#in(to), options);
  }

  mv(from: string, to: string): Promise<void> {
    return this.#whole.mv(this.#in(from), this.#in(to));
  }

  resolvePath(base: string, path: string): string {
    return this.#whole.resolvePath(base, path);
  }

  getAllPaths(): string[] {
    return this.#whole.getAllPaths().flatMap((path) => this.#out(path));
  }

  chmod(path: string, mode: number): Promise<void> {
    return this.#whole.chmod(this.#in(path), mode);
  }

  symlink(target: string, path: string): Promise<void> {
    return this.#whole.symlink(target, this.#in(path));
  }

  link(existing: string, path: string): Promise<void> {
    return this.#whole.link(this.#in(existing), this.#in(path));
  }

  readlink(path: string): Promise<string> {
    return this.#whole.readlink(this.#in(path));
  }

  async realpath(path: string): Promise<string> {
    const [inside = '/'] = this.#out(await this.#whole.realpath(this.#in(path)));
    return inside;
  }

  utimes(path: string, accessed: Date, modified: Date): Promise<void> {
    return this.#whole.utimes(this.#in(path), accessed, modified);
  }

  #in(path: string): string {
    // Normalised against the root first: no `..` leads out of the folder.
    const inside = this.#whole.resolvePath('/', path);
    return inside === '/' ? this.#prefix : `${this.#prefix}${inside}`;
  }

  #out(path: string): string[] {
    if (path === this.#prefix) return ['/'];
    return path.startsWith(`${this.#prefix}/`) ? [path.slice(this.#prefix.length)] : [];
  }
}
