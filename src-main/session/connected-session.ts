import type { Clock } from '#common/base/clock';
import { messageOf } from '#common/base/errors';
import type { Random } from '#common/base/random';
import type { Scope } from '#common/base/scope';
import type { Protection } from '#common/contract/clusters';
import { isForbidden } from '#common/kube/status-error';
import { Gate } from '#main/base/gate';
import { orAborted } from '#main/base/linked-abort';
import type { Carrier } from '#main/client/carrier';
import { createHttpsCarrier } from '#main/client/carrier/https-carrier';
import type { KubeClient } from '#main/client/client';
import type { DiscoveredResource } from '#main/client/discovery/discovered';
import { createClient } from '#main/client/kube-client';
import { statusErrorOf } from '#main/client/status-of-response';
import { createInformers, type Informers } from '#main/informer/informers';
import type { CatalogueEntry } from './catalogue';
import { Health } from './health';
import { Kinds } from './kinds';
import type { ProbeVerdict } from './probe-plan';
import { checkWrite, guardedCarrier } from './protection';
import { Rights } from './rights';
import { SessionCarrier } from './session-carrier';
import type { AccessAnswer, AccessQuestion, ClusterSession, KindWanted, SessionStatus } from './session';

export interface SessionSettings {
  clock: Clock;
  random: Random;
  /** Everything of the session closes with it. */
  scope: Scope;
  env: Readonly<Record<string, string | undefined>>;
  userAgent: string;
  /** How long a watch outlives its last reader. */
  informerGraceMs: number;
  protection(): Protection;
}

/** A session over HTTPS. It connects when it is made and goes on trying until its scope closes. */
export class ConnectedSession implements ClusterSession {
  readonly id: string;
  readonly name: string;
  readonly isSandbox: boolean;
  readonly carrier: Carrier;
  readonly client: KubeClient;
  readonly informers: Informers;
  readonly #settings: SessionSettings;
  readonly #connection: SessionCarrier;
  readonly #unguarded: KubeClient;
  readonly #rights: Rights;
  readonly #kinds: Kinds;
  readonly #health: Health;
  readonly #ready = new Gate();
  readonly #listeners = new Set<() => void>();
  readonly #watchList = { supported: true };
  #entry: CatalogueEntry;
  #status: SessionStatus;

  constructor(entry: CatalogueEntry, settings: SessionSettings) {
    const { clock, random, scope, informerGraceMs: graceMs } = settings;
    this.#entry = entry;
    this.#settings = settings;
    this.id = entry.id;
    this.name = entry.name;
    this.isSandbox = entry.sandbox !== undefined;
    this.#status = { state: 'connecting', since: clock.now() };
    this.#connection = new SessionCarrier(
      () => this.#dial(),
      () => this.#suspect(),
    );
    this.carrier = guardedCarrier(this.#connection, () => this.guardWrite());
    this.client = createClient(this.carrier, { clock });
    this.#unguarded = createClient(this.#connection, { clock });
    this.informers = createInformers(this.client, { clock, random, scope, graceMs, watchList: this.#watchList });
    this.#rights = new Rights(this.client, clock);
    const changed = () => this.#tell();
    this.#kinds = new Kinds({ client: this.client, informers: this.informers, clock, scope, changed });
    this.#health = new Health({
      clock,
      probe: (timeoutMs, signal) => this.#probe(timeoutMs, signal),
      live: () => this.#live(),
      lost: (verdict) => this.#lost(verdict),
      suspect: (reason) => this.informers.reconnect(reason),
    });
    scope.add(() => this.#close());
    const running = this.#health.run(scope.signal);
    scope.add(() => running);
  }

  get status(): SessionStatus {
    return this.#status;
  }

  get protection(): Protection {
    return this.#settings.protection();
  }

  get defaultNamespace(): string {
    return this.#entry.namespace;
  }

  get kinds(): readonly DiscoveredResource[] {
    return this.#kinds.list;
  }

  get failedGroups(): readonly string[] {
    return this.#kinds.failed;
  }

  subscribe(listener: () => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  ready(signal?: AbortSignal): Promise<void> {
    return orAborted(this.#ready.opened, signal);
  }

  retry(): void {
    void this.#reconnect();
  }

  /** Something about the network changed: look now instead of at the next turn. */
  check(): void {
    this.#health.hurry();
  }

  kind(wanted: KindWanted): DiscoveredResource | undefined {
    return this.#kinds.find(wanted);
  }

  refreshKinds(signal?: AbortSignal): Promise<void> {
    return this.#kinds.refresh(signal);
  }

  async may(question: AccessQuestion, signal?: AbortSignal): Promise<AccessAnswer> {
    if (this.#status.allRights) return { allowed: true };
    return orAborted(this.#rights.may(question), signal);
  }

  guardWrite(confirmation?: string): void {
    checkWrite(this.protection, this.name, confirmation);
  }

  writer(confirmation?: string): KubeClient {
    this.guardWrite(confirmation);
    return this.#unguarded;
  }

  writingCarrier(confirmation?: string): Carrier {
    this.guardWrite(confirmation);
    return this.#connection;
  }

  /** The catalogue has news of this cluster. Connects anew when it is to be reached in another way. */
  update(entry: CatalogueEntry): void {
    const isOther = entry.stamp !== this.#entry.stamp;
    this.#entry = entry;
    if (isOther) void this.#reconnect();
  }

  /** The protection changed: those who show it are told. */
  protectionChanged(): void {
    this.#tell();
  }

  async #dial(): Promise<Carrier> {
    const { clock, env, scope, userAgent } = this.#settings;
    const connection = await this.#entry.connect({ clock, env, signal: scope.signal });
    return createHttpsCarrier({ ...connection, clock, env, userAgent });
  }

  /** A request found nobody: the next probe need not wait for its turn. */
  #suspect(): void {
    if (this.#status.state === 'live') this.#health.hurry();
  }

  async #reconnect(): Promise<void> {
    this.#rights.forget();
    this.#ready.reset();
    this.#become({ state: 'connecting', since: this.#settings.clock.now() });
    await this.#connection.reset();
    this.#health.hurry({ anew: true });
    this.informers.reconnect('connecting anew');
  }

  async #probe(timeoutMs: number, signal: AbortSignal): Promise<void> {
    const request = { method: 'GET', path: '/version', timeoutMs, signal } as const;
    const response = await this.#connection.probe(request);
    if (response.status < 400) {
      this.#sawVersion(((await response.json()) as { gitVersion?: string }).gitVersion);
      return;
    }
    const refusal = await statusErrorOf(request, response);
    // Not allowed to see the version is an answer too: the server is there and knows us.
    if (!isForbidden(refusal)) throw refusal;
  }

  #sawVersion(version: string | undefined): void {
    if (version === undefined || version === this.#status.version) return;
    const [, minor = '99'] = /^v1\.(\d+)/.exec(version) ?? [];
    this.#watchList.supported = Number(minor) >= FIRST_WATCHLIST_MINOR;
    const isUpgrade = this.#status.version !== undefined;
    this.#status = { ...this.#status, version };
    // What fails here is told by the probes.
    if (isUpgrade) this.#kinds.refresh().catch(() => undefined);
  }

  #live(): void {
    if (this.#status.state === 'live') return;
    const { version } = this.#status;
    const returns = this.#status.state !== 'connecting';
    this.#connection.release();
    this.#become({ state: 'live', since: this.#settings.clock.now(), ...(version ? { version } : {}) });
    if (returns) this.informers.reconnect('the server answers again');
    void this.#learn();
  }

  #lost({ state, problem, hold }: ProbeVerdict): void {
    const { version, since } = this.#status;
    if (hold) this.#connection.hold(problem);
    const isNew = state !== this.#status.state;
    this.#become({
      state,
      problem,
      since: isNew ? this.#settings.clock.now() : since,
      ...(version ? { version } : {}),
    });
    this.#ready.refuse(problem);
    // Watches may hang on connections that lead nowhere: they must not go on calling themselves live.
    if (isNew) this.informers.reconnect(problem.message);
  }

  /** Kinds, who we are and what we may: asked once the server answers. */
  async #learn(): Promise<void> {
    const about = Promise.all([this.#rights.self(), this.#rights.all()]).then(
      ([self, allRights]) => ({ ...self, allRights }),
      // A server without these APIs leaves them unknown.
      () => ({}),
    );
    try {
      await this.#kinds.refresh();
      this.#ready.open();
    } catch (failure) {
      this.#ready.refuse(failure);
      this.#learnAgain(messageOf(failure));
    }
    const learned = await about;
    if (this.#status.state === 'live') this.#become({ ...this.#status, ...learned });
  }

  /** The server answered the probe but not discovery: the next probe asks again. */
  #learnAgain(message: string): void {
    if (this.#settings.scope.closed || this.#status.state !== 'live') return;
    this.#become({ ...this.#status, state: 'connecting', since: this.#settings.clock.now() });
    this.informers.reconnect(message);
  }

  #become(status: SessionStatus): void {
    this.#status = status;
    this.#tell();
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }

  async #close(): Promise<void> {
    this.#become({ state: 'closed', since: this.#settings.clock.now() });
    this.#listeners.clear();
    const reason = new Error(`the connection to ${this.name} was closed`);
    reason.name = 'ScopeClosed';
    this.#ready.refuse(reason);
    await this.#connection.close();
  }
}

/** Servers before 1.27 take `sendInitialEvents` for nothing (KEP 3157). */
const FIRST_WATCHLIST_MINOR = 27;
