import { watch } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { Problem } from '#common/base/errors';
import { sleep, type Clock } from '#common/base/clock';
import type { Scope } from '#common/base/scope';
import type { Scenario } from '#common/contract/sandboxes';
import { Gate } from '#main/base/gate';
import { orAborted } from '#main/base/linked-abort';
import type { FleetCallOptions, NewSandbox, SandboxEntry, SandboxFleet } from '#main/services/sandboxes/fleet';
import { apiAnswer } from './api-answer';
import { askToStop, processExists, readKubeconfig } from './control-client';
import { planEntry, type KnownSandbox } from './entry';
import { damaged, nameTaken, notFound, notRunning } from './fleet-problems';
import type { ProgramFolders } from './folders';
import { isDamaged, KeptSandboxes, type KeptSandbox } from './kept-sandbox';
import { launchSandbox, type SandboxProgram } from './launch';
import { SandboxRecords, type SandboxRecord } from './record';
import { SandboxLife } from './sandbox-life';
import { checkScenario, listScenarios } from './scenarios';
import type { ServeOptions } from './serve-sandbox';

export interface LocalFleetOptions {
  folders: ProgramFolders;
  program: SandboxProgram;
  clock: Clock;
  scope: Scope;
}

interface Launch {
  serve: Omit<ServeOptions, 'running' | 'folder'>;
  kept: KeptSandbox | undefined;
  /** Somebody else's cluster of the same name is not what was asked for; a folder of our own making tells them apart. */
  isNew: boolean;
}

/** Changes on disk come in handfuls: a draft, a rename, a lock. */
const GATHER_MS = 30;

/** A cluster flushes its log and ends within this, or is ended. */
const STOP_GRACE_MS = 10_000;
const EXIT_POLL_MS = 15;

/** The sandbox clusters of this computer, found by their folders and records, each in a process of its own. */
export class LocalFleet implements SandboxFleet {
  readonly #options: LocalFleetOptions;
  readonly #kept: KeptSandboxes;
  readonly #records: SandboxRecords;
  readonly #known = new Map<string, KnownSandbox>();
  readonly #owned = new Set<string>();
  readonly #listeners = new Set<() => void>();

  private constructor(options: LocalFleetOptions) {
    this.#options = options;
    this.#kept = new KeptSandboxes(options.folders.sandboxes);
    this.#records = new SandboxRecords(options.folders.running, options.clock);
  }

  /** Looks at what is there. It lives as long as its scope; sandboxes it owns end with it. */
  static async open(options: LocalFleetOptions): Promise<LocalFleet> {
    const fleet = new LocalFleet(options);
    await fleet.#refresh();
    options.scope.add(() => fleet.#close());
    return fleet;
  }

  /** Keeps `list()` true while other programs start, stop and delete. */
  async watch(): Promise<void> {
    const { clock, scope } = this.#options;
    let gathering: Disposable | undefined;
    const changed = () => {
      gathering ??= clock.after(GATHER_MS, () => {
        gathering = undefined;
        void this.#refresh().catch(() => undefined);
      });
    };
    for (const folder of [this.#kept.folder, this.#records.folder]) {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const watcher = watch(folder, changed);
      // A folder that is removed under us is not watched any more; the next start makes it again.
      watcher.on('error', () => watcher.close());
      scope.add(() => watcher.close());
    }
    scope.add(() => gathering?.[Symbol.dispose]());
  }

  list(): readonly SandboxEntry[] {
    return [...this.#known.values()].map(planEntry).sort((a, b) => a.name.localeCompare(b.name));
  }

  subscribe(listener: () => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  async scenarios(): Promise<Scenario[]> {
    return [...listScenarios()];
  }

  async create(sandbox: NewSandbox, { signal }: FleetCallOptions = {}): Promise<SandboxEntry> {
    const { name, nodes, scenario, ephemeral } = sandbox;
    checkScenario(scenario);
    await this.#refresh();
    if (this.#known.has(name)) throw nameTaken(name);
    const kept = ephemeral ? undefined : { name, nodes, scenario, created: this.#options.clock.now() };
    if (kept && !(await this.#kept.create(kept))) {
      await this.#refresh();
      throw nameTaken(name);
    }
    try {
      const serve = { name, nodes, scenario, ephemeral, ...portWish(sandbox.port) };
      return await this.#launch({ serve, kept, isNew: true }, signal);
    } catch (failure) {
      // Nothing of the person's is in it yet.
      if (kept) await this.#kept.remove(name);
      this.#known.delete(name);
      await this.#refresh();
      throw failure;
    }
  }

  async start(name: string, { signal, port }: FleetCallOptions & { port?: number } = {}): Promise<SandboxEntry> {
    await this.#refresh();
    const { kept, life } = this.#find(name);
    if (life && (await isLiving(life, signal))) return this.#answering(life, signal);
    if (isDamaged(kept)) throw damaged(name, this.#kept.folderOf(name), kept.damage);
    if (!kept) throw notRunning(name);
    const { nodes, scenario } = kept;
    const serve = { name, nodes, scenario, ephemeral: false, ...portWish(port, kept.port) };
    return this.#launch({ serve, kept, isNew: false }, signal);
  }

  async stop(name: string, { signal }: FleetCallOptions = {}): Promise<void> {
    await this.#refresh();
    const { life } = this.#find(name);
    if (life) await this.#end(life, signal);
    await this.#refresh();
  }

  async delete(name: string, options: FleetCallOptions = {}): Promise<void> {
    await this.stop(name, options);
    await this.#kept.remove(name);
    await this.#refresh();
  }

  async kubeconfig(name: string, { signal }: FleetCallOptions = {}): Promise<string> {
    await orAborted(Promise.resolve(this.#known.get(name)?.launching), signal);
    if (!this.#known.get(name)?.life) await this.#refresh();
    const { life } = this.#find(name);
    if (!life) throw notRunning(name);
    await life.running(signal);
    return readKubeconfig(life.record, signal);
  }

  /** Resolves when every process that was found has said how it is, or cannot be reached. */
  async settled(): Promise<void> {
    const lives = [...this.#known.values()].flatMap(({ life }) => (life ? [life] : []));
    await Promise.all(lives.map((life) => life.answered));
  }

  /** The address it has, or had when it ran last. */
  lastUrl(name: string): string | undefined {
    const { kept, life } = this.#find(name);
    if (life?.status?.state === 'running') return life.status.url;
    return kept && !isDamaged(kept) && kept.port ? `https://127.0.0.1:${kept.port}` : undefined;
  }

  #find(name: string): KnownSandbox {
    const known = this.#known.get(name);
    if (!known) throw notFound(name, [...this.#known.keys()].sort());
    return known;
  }

  async #launch({ serve, kept, isNew }: Launch, signal: AbortSignal | undefined): Promise<SandboxEntry> {
    const { name } = serve;
    const settled = new Gate();
    this.#note(name, { kept, launching: settled.opened });
    try {
      const { record, joined } = await this.#process(serve, kept);
      if (joined && isNew && !kept) throw nameTaken(name);
      const life = this.#follow(name, record);
      this.#note(name, { kept, life });
      settled.open();
      return await this.#answering(life, signal);
    } catch (failure) {
      const isDamage = failure instanceof Problem && failure.code === 'sandbox-damaged';
      if (this.#known.get(name)?.launching) this.#note(name, { kept });
      if (isDamage) this.#note(name, { ...this.#find(name), failure });
      throw isDamage ? damaged(name, this.#kept.folderOf(name), failure.message) : failure;
    } finally {
      settled.open();
    }
  }

  async #process(
    serve: Launch['serve'],
    kept: KeptSandbox | undefined,
  ): Promise<{ record: SandboxRecord; joined: boolean }> {
    const { folders, program } = this.#options;
    const folder = kept ? { folder: this.#kept.stateFolderOf(serve.name) } : {};
    const launched = await launchSandbox(program, { ...serve, ...folder, running: folders.running });
    if (program.owned && !launched.joined) this.#owned.add(launched.record.control.token);
    return launched;
  }

  /** Waits for the API and remembers its port. */
  async #answering(life: SandboxLife, signal: AbortSignal | undefined): Promise<SandboxEntry> {
    const { name } = life.record;
    const { url } = await life.running(signal);
    await apiAnswer(url, this.#options.clock, signal);
    const { kept } = this.#find(name);
    const port = Number(new URL(url).port);
    if (kept && !isDamaged(kept) && kept.port !== port) {
      await this.#kept.write({ ...kept, port });
      this.#note(name, { ...this.#find(name), kept: { ...kept, port } });
    }
    return planEntry(this.#find(name));
  }

  async #end(life: SandboxLife, signal: AbortSignal | undefined): Promise<void> {
    const { pid } = life.record;
    await askToStop(life.record, signal).catch(() => undefined);
    using _ = this.#options.clock.after(STOP_GRACE_MS, () => endProcess(pid));
    await orAborted(life.ended, signal);
    await this.#gone(pid, signal);
    await this.#records.drop(life.record);
  }

  async #gone(pid: number, signal: AbortSignal | undefined): Promise<void> {
    while (processExists(pid)) await sleep(this.#options.clock, EXIT_POLL_MS, signal);
  }

  #follow(name: string, record: SandboxRecord): SandboxLife {
    const present = this.#known.get(name)?.life;
    if (present?.record.control.token === record.control.token) return present;
    const life = new SandboxLife(record, () => this.#tell());
    void life.ended.then(() => this.#buried(life)).catch(() => undefined);
    return life;
  }

  /** A process that was killed leaves its record: it is taken away for the next one. */
  async #buried(life: SandboxLife): Promise<void> {
    const { name } = life.record;
    if (this.#options.scope.closed) return;
    if (this.#known.get(name)?.life === life) this.#note(name, { ...this.#find(name), life: undefined });
    if (life.isUnreachable) return;
    await this.#records.drop(life.record);
    await this.#refresh();
  }

  async #refresh(): Promise<void> {
    const names = new Set([...(await this.#kept.names()), ...(await this.#records.names())]);
    for (const name of names) await this.#look(name);
    for (const [name, known] of this.#known) {
      if (!names.has(name) && !known.launching) this.#known.delete(name);
    }
    this.#tell();
  }

  async #look(name: string): Promise<void> {
    const [kept, record] = await Promise.all([this.#kept.read(name), this.#records.read(name)]);
    const before = this.#known.get(name);
    if (before?.launching || this.#options.scope.closed) return;
    const life = record ? this.#follow(name, record) : undefined;
    if (kept || life) this.#known.set(name, { name, kept, life, failure: life ? undefined : before?.failure });
    else this.#known.delete(name);
  }

  #note(name: string, known: Omit<KnownSandbox, 'name'>): KnownSandbox {
    const noted = { name, ...known };
    this.#known.set(name, noted);
    this.#tell();
    return noted;
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }

  async #close(): Promise<void> {
    const lives = [...this.#known.values()].flatMap(({ life }) => (life ? [life] : []));
    const owned = lives.filter((life) => this.#owned.has(life.record.control.token));
    await Promise.all(owned.map((life) => this.#end(life, undefined)));
    for (const life of lives) life[Symbol.dispose]();
  }
}

/** False for a process that was killed and left its record: one that lives answers, or keeps its port open. */
async function isLiving(life: SandboxLife, signal: AbortSignal | undefined): Promise<boolean> {
  await orAborted(life.answered, signal);
  return life.status !== undefined || life.isUnreachable;
}

/** The port that was asked for, or else the one it had. */
function portWish(asked: number | undefined, last?: number): Pick<ServeOptions, 'port' | 'fixedPort'> {
  if (asked !== undefined) return { port: asked, fixedPort: true };
  return last === undefined ? {} : { port: last };
}

function endProcess(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended by itself at the last moment.
  }
}
