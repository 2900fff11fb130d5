import type { IFileSystem } from 'just-bash';

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

/** A volume at a place of a container's file system; with `subPath` only that part of it, copied at the start. */
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
  const whole = options.mounts.filter(({ subPath }) => !subPath);
  for (const { path, volume, subPath } of options.mounts) {
    if (subPath) await copyPart(await volume.fs(), `/${subPath}`, base, path);
  }
  if (whole.length === 0) return base;
  const mounts = await Promise.all(
    whole.map(async ({ path, volume }) => ({ mountPoint: trimSlash(path), filesystem: await volume.fs() })),
  );
  for (const { mountPoint } of mounts) await base.mkdir(mountPoint, { recursive: true });
  return new MountableFs({ base, mounts });
}

async function copyPart(from: IFileSystem, part: string, to: IFileSystem, path: string): Promise<void> {
  if (!(await from.exists(part))) {
    await to.mkdir(path, { recursive: true });
    return;
  }
  const { isDirectory } = await from.stat(part);
  if (!isDirectory) {
    await to.writeFile(path, await from.readFileBuffer(part));
    return;
  }
  await to.mkdir(path, { recursive: true });
  for (const name of await from.readdir(part)) await copyPart(from, `${part}/${name}`, to, `${path}/${name}`);
}

const trimSlash = (path: string): string => (path.length > 1 ? path.replace(/\/+$/, '') : path);
