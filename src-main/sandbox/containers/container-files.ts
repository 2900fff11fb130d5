import type { IFileSystem } from 'just-bash';
import { withPrograms } from './program-files';
import { readOnlyFiles } from './read-only-files';
import { SubFolder } from './sub-folder';

export type FileContent = string | Uint8Array;

type Files = ReadonlyMap<string, FileContent>;

/** A volume of a Pod: its files are shared by every container that mounts it, and made when first looked at. */
export class PodVolume {
  #files: Files | (() => Promise<Files>);
  #fs: Promise<IFileSystem> | undefined;
  /** The size of the device that it is; absent where it is a folder of its node's disk. */
  deviceBytes: number | undefined;

  /** `files` are what it starts with: paths relative to its root, or who is asked for them when somebody looks. */
  constructor(files: Files | (() => Promise<Files>) = new Map()) {
    this.#files = files;
  }

  fs(): Promise<IFileSystem> {
    this.#fs ??= this.#open();
    return this.#fs;
  }

  /** Bytes of its files, as far as anybody has looked at them. */
  async bytes(): Promise<number> {
    return this.#fs ? sizeOfFiles(await this.#fs) : 0;
  }

  /** Puts other files in the place of those it started with: its source has changed. */
  async replace(files: Files): Promise<void> {
    const before = this.#files;
    this.#files = files;
    if (!this.#fs) return;
    const fs = await this.#fs;
    const paths = typeof before === 'function' ? [] : [...before.keys()];
    for (const path of paths) if (!files.has(path)) await fs.rm(`/${path}`, { force: true });
    for (const [path, content] of files) await fs.writeFile(`/${path}`, content);
  }

  async #open(): Promise<IFileSystem> {
    const { InMemoryFs } = await import('just-bash');
    const fs = new InMemoryFs();
    const files = typeof this.#files === 'function' ? await this.#files() : this.#files;
    for (const [path, content] of files) await fs.writeFile(`/${path}`, content);
    return fs;
  }
}

/** A volume at a place of a container's file system; with `subPath` only that part of it: a folder, or a file's copy. */
export interface ContainerMount {
  path: string;
  volume: PodVolume;
  subPath?: string | undefined;
  readOnly?: boolean | undefined;
}

export interface ContainerFilesOptions {
  /** Absolute path to content: the image's own files and those the kubelet writes. */
  files: Readonly<Record<string, FileContent>>;
  workingDir: string;
  /** Names of its executables. */
  programs: ReadonlySet<string>;
  mounts: readonly ContainerMount[];
  /** Only mounts may be written. */
  readOnly?: boolean | undefined;
}

/** What a runtime mounts over every root: it can be written where the root cannot. */
const RUNTIME_MOUNTS = ['/dev/'];

/** The file system of one container: the image's files with the Pod's volumes on top. */
export async function openContainerFiles(options: ContainerFilesOptions): Promise<IFileSystem> {
  const { InMemoryFs, MountableFs } = await import('just-bash');
  const base = new InMemoryFs({ ...options.files });
  for (const folder of ['/tmp', '/root', '/var/log', '/proc', '/dev', options.workingDir]) {
    await base.mkdir(folder, { recursive: true });
  }
  const mounts: { mountPoint: string; filesystem: IFileSystem }[] = [];
  for (const { path, volume, subPath, readOnly } of options.mounts) {
    const filesystem = await partOf(await volume.fs(), subPath);
    if (filesystem) {
      mounts.push({ mountPoint: trimSlash(path), filesystem: readOnly ? readOnlyFiles(filesystem) : filesystem });
    } else await base.writeFile(path, await (await volume.fs()).readFileBuffer(`/${subPath ?? ''}`));
  }
  for (const { mountPoint } of mounts) await base.mkdir(mountPoint, { recursive: true });
  const root = options.readOnly ? readOnlyFiles(base, { except: RUNTIME_MOUNTS }) : base;
  return withPrograms(mounts.length === 0 ? root : new MountableFs({ base: root, mounts }), options.programs);
}

/** The folder that a mount shows, made when it is not there; nothing when `subPath` names a file. */
async function partOf(whole: IFileSystem, subPath: string | undefined): Promise<IFileSystem | undefined> {
  if (!subPath) return whole;
  const folder = whole.resolvePath('/', subPath);
  if (!(await whole.exists(folder))) await whole.mkdir(folder, { recursive: true });
  return (await whole.stat(folder)).isDirectory ? new SubFolder(whole, folder) : undefined;
}

const trimSlash = (path: string): string => (path.length > 1 ? path.replace(/\/+$/, '') : path);

/** Bytes of all files, volumes included. */
export async function sizeOfFiles(fs: IFileSystem): Promise<number> {
  let bytes = 0;
  for (const path of fs.getAllPaths()) {
    const { isFile, size } = await fs.stat(path).catch(() => NOTHING);
    if (isFile) bytes += size;
  }
  return bytes;
}

/** A file that was removed meanwhile. */
const NOTHING = { isFile: false, size: 0 };
