import type { IFileSystem } from 'just-bash';
import { SubFolder } from './sub-folder';

export type FileContent = string | Uint8Array;

/** A volume of a Pod: its files are shared by every container that mounts it, and made when first looked at. */
export class PodVolume {
  readonly #files: ReadonlyMap<string, FileContent>;
  #fs: Promise<IFileSystem> | undefined;

  /** `files` are what it starts with: paths relative to its root. */
  constructor(files: ReadonlyMap<string, FileContent> = new Map()) {
    this.#files = files;
  }

  fs(): Promise<IFileSystem> {
    this.#fs ??= this.#open();
    return this.#fs;
  }

  async #open(): Promise<IFileSystem> {
    const { InMemoryFs } = await import('just-bash');
    const fs = new InMemoryFs();
    for (const [path, content] of this.#files) await fs.writeFile(`/${path}`, content);
    return fs;
  }
}

/** A volume at a place of a container's file system; with `subPath` only that part of it: a folder, or a file's copy. */
export interface ContainerMount {
  path: string;
  volume: PodVolume;
  subPath?: string | undefined;
}

export interface ContainerFilesOptions {
  /** Absolute path to content: the image's own files and those the kubelet writes. */
  files: Readonly<Record<string, FileContent>>;
  workingDir: string;
  mounts: readonly ContainerMount[];
}

/** The file system of one container: the image's files with the Pod's volumes on top. */
export async function openContainerFiles(options: ContainerFilesOptions): Promise<IFileSystem> {
  const { InMemoryFs, MountableFs } = await import('just-bash');
  const base = new InMemoryFs({ ...options.files });
  for (const folder of ['/tmp', '/root', '/var/log', '/proc', '/dev', options.workingDir]) {
    await base.mkdir(folder, { recursive: true });
  }
  const mounts: { mountPoint: string; filesystem: IFileSystem }[] = [];
  for (const { path, volume, subPath } of options.mounts) {
    const filesystem = await partOf(await volume.fs(), subPath);
    if (filesystem) mounts.push({ mountPoint: trimSlash(path), filesystem });
    else await base.writeFile(path, await (await volume.fs()).readFileBuffer(`/${subPath ?? ''}`));
  }
  if (mounts.length === 0) return base;
  for (const { mountPoint } of mounts) await base.mkdir(mountPoint, { recursive: true });
  return new MountableFs({ base, mounts });
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
