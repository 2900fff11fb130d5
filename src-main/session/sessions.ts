import { networkInterfaces } from 'node:os';
import type { Clock } from '#common/base/clock';
import { Problem } from '#common/base/errors';
import type { Random } from '#common/base/random';
import type { Scope } from '#common/base/scope';
import type { ClusterSummary, Protection } from '#common/contract/clusters';
import { problemReport } from '#common/contract/problem-report';
import type { ClusterId } from '#common/contract/shapes';
import type { Catalogue, CatalogueEntry } from './catalogue';
import { ConnectedSession } from './connected-session';
import type { Protections } from './protection';
import type { ClusterSession, ClusterSessions, SessionLease } from './session';

export interface SessionsOptions {
  catalogue: Catalogue;
  protections: Protections;
  clock: Clock;
  random: Random;
  /** Everything closes with it. */
  scope: Scope;
  env?: Readonly<Record<string, string | undefined>>;
  userAgent?: string;
  /** How long a connection outlives its last reader; a minute unless given. */
  graceMs?: number;
  /** How long a watch outlives its last reader. */
  informerGraceMs?: number;
}

/** The clusters of `catalogue`, connected on demand. Nothing connects and no plugin starts before the first `open`. */
export function createClusterSessions(options: SessionsOptions): ClusterSessions {
  return new OpenSessions(options);
}

interface Opened {
  session: ConnectedSession;
  scope: Scope;
  readers: number;
  closing: Disposable | undefined;
}

const GRACE_MS = 60_000;
const INFORMER_GRACE_MS = 20_000;
/** The computer's addresses are looked at this often while a cluster is open: it costs 50 µs and no packet. */
const NETWORK_POLL_MS = 1_000;

class OpenSessions implements ClusterSessions {
  readonly #options: SessionsOptions;
  readonly #opened = new Map<ClusterId, Opened>();
  readonly #listeners = new Set<() => void>();
  #network = '';
  #networkTimer: Disposable | undefined;

  constructor(options: SessionsOptions) {
    this.#options = options;
    options.scope.add(options.catalogue.subscribe(() => this.#catalogueChanged()));
    options.scope.add(() => this.#networkTimer?.[Symbol.dispose]());
  }

  list(): readonly ClusterSummary[] {
    return this.#options.catalogue.entries().map((entry) => this.#summary(entry));
  }

  opened(): readonly ClusterSession[] {
    return [...this.#opened.values()].map(({ session }) => session);
  }

  subscribe(listener: () => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  open(id: ClusterId): SessionLease {
    const opened = this.#opened.get(id) ?? this.#create(id);
    opened.readers++;
    opened.closing?.[Symbol.dispose]();
    opened.closing = undefined;
    return { session: opened.session, [Symbol.dispose]: this.#leaveOnce(id, opened) };
  }

  async protect(id: ClusterId, protection: Protection): Promise<void> {
    await this.#options.protections.set(id, protection);
    this.#opened.get(id)?.session.protectionChanged();
    this.#tell();
  }

  #create(id: ClusterId): Opened {
    const { catalogue, clock, random, protections, env = process.env } = this.#options;
    const entry = catalogue.find(id);
    if (!entry) {
      throw new Problem('cluster-unknown', `There is no cluster "${id}" any more.`, {
        nextStep: 'Its context may have been removed from the kubeconfig file.',
      });
    }
    const scope = this.#options.scope.child(`session ${id}`);
    const session = new ConnectedSession(entry, {
      clock,
      random,
      scope,
      env,
      userAgent: this.#options.userAgent ?? 'pilothouse',
      informerGraceMs: this.#options.informerGraceMs ?? INFORMER_GRACE_MS,
      protection: () => protections.of(id),
    });
    const opened: Opened = { session, scope, readers: 0, closing: undefined };
    this.#opened.set(id, opened);
    scope.add(session.subscribe(() => this.#tell()));
    scope.add(() => this.#forget(id, opened));
    this.#watchNetwork();
    this.#tell();
    return opened;
  }

  #leaveOnce(id: ClusterId, opened: Opened): () => void {
    let left = false;
    return () => {
      if (left) return;
      left = true;
      opened.readers--;
      if (opened.readers > 0 || opened.scope.closed) return;
      opened.closing = this.#options.clock.after(this.#options.graceMs ?? GRACE_MS, () => {
        // Forgotten first: whoever opens it while it closes gets a new connection.
        this.#forget(id, opened);
        void opened.scope.close();
        this.#tell();
      });
    };
  }

  #forget(id: ClusterId, opened: Opened): void {
    opened.closing?.[Symbol.dispose]();
    if (this.#opened.get(id) === opened) this.#opened.delete(id);
    if (this.#opened.size === 0) {
      this.#networkTimer?.[Symbol.dispose]();
      this.#networkTimer = undefined;
    }
  }

  #catalogueChanged(): void {
    for (const { session } of this.#opened.values()) {
      const entry = this.#options.catalogue.find(session.id);
      if (entry) session.update(entry);
    }
    this.#tell();
  }

  #summary(entry: CatalogueEntry): ClusterSummary {
    const { id, name, source, server, user, sandbox, insecure, problem } = entry;
    const status = this.#opened.get(id)?.session.status;
    const shown = status ? status.problem : problem;
    return {
      id,
      name,
      ...(source ? { source } : {}),
      ...(server ? { server } : {}),
      ...(user ? { user } : {}),
      ...(sandbox ? { sandbox } : {}),
      state: status?.state ?? (problem ? 'broken' : 'closed'),
      protection: this.#options.protections.of(id),
      insecure,
      ...(shown ? { problem: problemReport(shown) } : {}),
    };
  }

  /** Other addresses mean another network: every open connection is looked at, within a second. */
  #watchNetwork(): void {
    if (this.#networkTimer) return;
    this.#network = addresses();
    const look = () => {
      const now = addresses();
      if (now !== this.#network) for (const { session } of this.#opened.values()) session.check();
      this.#network = now;
      this.#networkTimer = this.#options.clock.after(NETWORK_POLL_MS, look);
    };
    this.#networkTimer = this.#options.clock.after(NETWORK_POLL_MS, look);
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}

function addresses(): string {
  const found = Object.values(networkInterfaces()).flatMap((interfaces) => interfaces ?? []);
  return found.map(({ address }) => address).join(' ');
}
