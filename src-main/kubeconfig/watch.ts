import { watch, type FSWatcher } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Clock } from '#common/base/clock';
import type { Scope } from '#common/base/scope';
import { contextsOf, type KubeContext } from './contexts';
import type { Kubeconfig } from './entries';
import type { Locations } from './locate';
import { readKubeconfig } from './read';

/** Tools write a kubeconfig in several steps; what follows within this time is one change. */
const DEBOUNCE_MS = 150;
/** Folders that cannot be watched (not there yet, network drives) are looked at this often. */
const POLL_MS = 5_000;

export interface KubeconfigState {
  kubeconfig: Kubeconfig;
  contexts: readonly KubeContext[];
}

/** The kubeconfig files as they are now, read again when one of them changes. */
export interface KubeconfigWatch {
  readonly state: KubeconfigState;
  /** Called after `state` was replaced. */
  subscribe(listener: () => void): Disposable;
  /** Reads the files now: certificates and token files are not watched. */
  refresh(): Promise<void>;
}

/** Reads the files and follows them until `scope` closes. */
export async function watchKubeconfig(
  locations: Locations,
  { clock, scope }: { clock: Clock; scope: Scope },
): Promise<KubeconfigWatch> {
  const files = new FollowedFiles(locations, clock, scope);
  await files.start();
  return files;
}

class FollowedFiles implements KubeconfigWatch {
  readonly #locations: Locations;
  readonly #clock: Clock;
  readonly #scope: Scope;
  readonly #listeners = new Set<() => void>();
  readonly #watched = new Map<string, FSWatcher>();
  #state: KubeconfigState | undefined;
  #stamp = '';
  #pending: Disposable | undefined;
  #poller: Disposable | undefined;

  constructor(locations: Locations, clock: Clock, scope: Scope) {
    this.#locations = locations;
    this.#clock = clock;
    this.#scope = scope;
    scope.add(() => this.#stop());
  }

  get state(): KubeconfigState {
    if (!this.#state) throw new Error('the kubeconfig was not read yet');
    return this.#state;
  }

  subscribe(listener: () => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  async start(): Promise<void> {
    await this.#read();
    await this.#watchFolders();
    this.#poll();
  }

  async refresh(): Promise<void> {
    await this.#read();
    for (const listener of this.#listeners) listener();
  }

  async #read(): Promise<void> {
    this.#stamp = await this.#currentStamp();
    const kubeconfig = await readKubeconfig(this.#locations);
    this.#state = { kubeconfig, contexts: await contextsOf(kubeconfig) };
  }

  /** The folders, not the files: editors and tools replace files, and a watch on a file stays with the old one. */
  async #watchFolders(): Promise<void> {
    const paths = await Promise.all(
      this.#locations.paths.map(async (path) => [path, await realpath(path).catch(() => path)]),
    );
    for (const folder of new Set(paths.flat().map((path) => dirname(path)))) this.#watchFolder(folder);
  }

  #watchFolder(folder: string): void {
    if (this.#watched.has(folder) || this.#scope.closed) return;
    try {
      const watcher = watch(folder, { persistent: false }, () => this.#changed());
      watcher.on('error', () => this.#unwatch(folder));
      this.#watched.set(folder, watcher);
    } catch {
      // Not there yet, or not watchable: the poller finds the file when it comes.
    }
  }

  #unwatch(folder: string): void {
    this.#watched.get(folder)?.close();
    this.#watched.delete(folder);
  }

  #changed(): void {
    this.#pending?.[Symbol.dispose]();
    this.#pending = this.#clock.after(DEBOUNCE_MS, () => {
      this.#pending = undefined;
      void this.#compare();
    });
  }

  #poll(): void {
    if (this.#scope.closed) return;
    this.#poller = this.#clock.after(POLL_MS, () => void this.#compare().then(() => this.#poll()));
  }

  async #compare(): Promise<void> {
    if ((await this.#currentStamp()) === this.#stamp || this.#scope.closed) return;
    await this.#watchFolders();
    await this.refresh();
  }

  async #currentStamp(): Promise<string> {
    const stamps = await Promise.all(this.#locations.paths.map(stampOf));
    return stamps.join('\n');
  }

  #stop(): void {
    this.#pending?.[Symbol.dispose]();
    this.#poller?.[Symbol.dispose]();
    for (const folder of this.#watched.keys()) this.#unwatch(folder);
    this.#listeners.clear();
  }
}

/** Changes whenever the file does: a replaced file has another inode, a rewritten one another time or size. */
async function stampOf(path: string): Promise<string> {
  try {
    const { ino, size, mtimeMs } = await stat(path);
    return `${ino} ${size} ${mtimeMs}`;
  } catch {
    return 'missing';
  }
}
