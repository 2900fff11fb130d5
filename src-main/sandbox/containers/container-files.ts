import type { IFileSystem } from 'just-bash';
import type { Clock } from '#common/base/clock';
import { messageOf } from '#common/base/errors';
import { openDiskFiles } from './disk-files';
import { readOnlyFiles } from './read-only-files';
import { SubFolder } from './sub-folder';
import { withVirtualFiles, type VirtualFiles } from './virtual-files';

export type FileContent = string | Uint8Array;

type Files = ReadonlyMap<string, FileContent>;

/** A volume of a Pod: its files are shared by every container that mounts it, and made when first looked at. */
export class PodVolume {
  #files: Files | (() => Promise<Files>);
  readonly #generation: (() => string) | undefined;
  readonly #modeOf: (path: string) => number;
  #fs: Promise<IFileSystem> | undefined;
  /** The size of the device that it is; absent where it is a folder of its node's disk. */
  deviceBytes: number | undefined;

  /**
   * `files` are what it starts with: paths relative to its root, or who is asked for them when somebody looks. With
   * `generation`, a name for each state of theirs, they lie behind links that change all at once (AtomicWriter in
   * pkg/volume/util): `key -> ..data/key` and `..data -> ..2026_01_02_03_04_05.123`; `modeOf` says who may do what
   * with each of them.
   */
  constructor(
    files: Files | (() => Promise<Files>) = new Map(),
    generation?: () => string,
    modeOf: (path: string) => number = () => USUAL_MODE,
  ) {
    this.#files = files;
    this.#generation = generation;
    this.#modeOf = modeOf;
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
    if (this.#generation) return publish(fs, files, { generation: this.#generation(), modeOf: this.#modeOf });
    for (const path of paths) if (!files.has(path)) await fs.rm(`/${path}`, { force: true });
    for (const [path, content] of files) await fs.writeFile(`/${path}`, content);
  }

  async #open(): Promise<IFileSystem> {
    const { InMemoryFs } = await import('just-bash');
    // The library follows one link on the way to a file, not two: links lead to the generation, and say they do not.
    class LinkedFiles extends InMemoryFs {
      override async readlink(path: string): Promise<string> {
        const target = await super.readlink(path);
        return path === DATA ? target : target.replace(/^\.\.[^/]+/, '..data');
      }
    }
    const fs = this.#generation ? new LinkedFiles() : await openDiskFiles({}, { size: () => this.deviceBytes });
    const files = typeof this.#files === 'function' ? await this.#files() : this.#files;
    const modeOf = this.#modeOf;
    if (this.#generation) await publish(fs, files, { generation: this.#generation(), modeOf });
    else for (const [path, content] of files) await fs.writeFile(`/${path}`, content);
    return fs;
  }
}

const DATA = '/..data';
const USUAL_MODE = 0o644;

interface Publishing {
  generation: string;
  modeOf: (path: string) => number;
}

/** Puts a new generation of files in the place of the one before. */
async function publish(fs: IFileSystem, files: Files, { generation, modeOf }: Publishing): Promise<void> {
  const before = (await fs.exists(DATA)) ? await fs.readlink(DATA) : undefined;
  await fs.mkdir(`/${generation}`, { recursive: true });
  for (const [path, content] of files) {
    await fs.writeFile(`/${generation}/${path}`, content);
    await fs.chmod(`/${generation}/${path}`, modeOf(path));
  }
  await fs.rm(DATA, { force: true });
  await fs.symlink(generation, DATA);
  for (const name of await fs.readdir('/')) if (!name.startsWith('..')) await fs.rm(`/${name}`, { force: true });
  for (const name of new Set([...files.keys()].map((path) => path.split('/')[0] ?? path))) {
    await fs.symlink(`${generation}/${name}`, `/${name}`);
  }
  if (before !== undefined && before !== generation) await fs.rm(`/${before}`, { recursive: true, force: true });
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
  /** What is there without taking memory. */
  virtual: readonly VirtualFiles[];
  clock: Clock;
  mounts: readonly ContainerMount[];
  /** Only mounts may be written. */
  readOnly?: boolean | undefined;
}

/** What a runtime mounts over every root: it can be written where the root cannot. */
const RUNTIME_MOUNTS = ['/dev/'];

/** True where nothing may be written: the innermost mount of a place says so, or the root. */
export function isReadOnlyAt({ mounts, readOnly }: Pick<ContainerFilesOptions, 'mounts' | 'readOnly'>, path: string) {
  const covering = mounts.filter((mount) => path.startsWith(`${trimSlash(mount.path)}/`));
  const inner = covering.sort((one, other) => other.path.length - one.path.length)[0];
  if (inner) return inner.readOnly === true;
  return readOnly === true && !RUNTIME_MOUNTS.some((folder) => path.startsWith(folder));
}

/** What every image has. */
const FOLDERS = ['/dev', '/home', '/mnt', '/opt', '/root', '/run', '/srv', '/tmp', '/var/log'];

/** What a container writes beside its volumes. */
export interface ContainerLayer {
  bytes(): Promise<number>;
}

/** The file system of one container: the image's files with the Pod's volumes on top. */
export async function openContainerFiles(
  options: ContainerFilesOptions,
): Promise<{ files: IFileSystem; layer: ContainerLayer }> {
  const mtime = new Date(options.clock.now());
  const dated = Object.entries(options.files).map(([path, content]) => [path, { content, mtime }]);
  const base = await openDiskFiles(Object.fromEntries(dated) as Record<string, { content: FileContent; mtime: Date }>);
  for (const folder of [...FOLDERS, options.workingDir]) await base.mkdir(folder, { recursive: true });
  await base.chmod('/tmp', 0o1777);
  const root = options.readOnly ? readOnlyFiles(base, { except: RUNTIME_MOUNTS }) : base;
  const imageBytes = await sizeOfFiles(base);
  const layer = { bytes: async () => Math.max(0, (await sizeOfFiles(base)) - imageBytes) };
  const files = withVirtualFiles(await withMounts(base, root, options.mounts), options.virtual, options.clock);
  return { files, layer };
}

interface MountPoint {
  mountPoint: string;
  filesystem: IFileSystem;
}

/** `base` is what `root` shows: where the runtime makes the places of mounts. */
async function withMounts(base: IFileSystem, root: IFileSystem, mounts: readonly ContainerMount[]) {
  const { MountableFs } = await import('just-bash');
  let left: MountPoint[] = [];
  const single: [path: string, content: Uint8Array][] = [];
  for (const { path, volume, subPath, readOnly } of mounts) {
    const whole = await volume.fs();
    const filesystem = await partOf(whole, subPath);
    if (filesystem) {
      const mountPoint = trimSlash(path);
      left.push({ mountPoint, filesystem: readOnly ? readOnlyFiles(filesystem, { at: mountPoint }) : filesystem });
    } else single.push([path, await whole.readFileBuffer(`/${subPath ?? ''}`)]);
  }
  const isInside = (path: string) => left.some(({ mountPoint }) => path.startsWith(`${mountPoint}/`));
  let files = root;
  // The library takes no mount inside of another: each level of them lies on the one before.
  while (left.length > 0) {
    const level = left.filter(({ mountPoint }) => !isInside(mountPoint));
    for (const { mountPoint } of level) await makeFolder(files === root ? base : files, mountPoint);
    files = new MountableFs({ base: files, mounts: level });
    left = left.filter((one) => !level.includes(one));
  }
  for (const [path, content] of single) {
    const covered = files !== root && mounts.some((one) => path.startsWith(`${trimSlash(one.path)}/`));
    await (covered ? files : base).writeFile(path, content);
  }
  return files;
}

/** The place of a mount; in a volume that may not be written it is there without being made. */
async function makeFolder(files: IFileSystem, path: string): Promise<void> {
  await files.mkdir(path, { recursive: true }).catch((failure) => {
    if (!messageOf(failure).startsWith('EROFS')) throw failure;
  });
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
    const { isFile, size } = await fs.lstat(path).catch(() => NOTHING);
    if (isFile) bytes += size;
  }
  return bytes;
}

/** A file that was removed meanwhile. */
const NOTHING = { isFile: false, size: 0 };
