import { sleep, type Clock } from '#common/base/clock';
import type { KindCount } from '#common/contract/clusters';
import type { Tone } from '#common/kinds/kind';
import { kindOf } from '#common/kinds/registry';
import { ApiStatusError } from '#common/kube/status-error';
import type { AnyObject } from '#common/kube/object';
import { resourceId, type Resource } from '#common/kube/resource';
import { Pulse } from '#main/base/pulse';
import type { Delta } from '#main/informer/informer';
import type { ClusterSession } from '#main/session/session';
import { inNamespaces, openSource, watchedNamespaces, worstFreshness, type ScopeSource } from './scope-sources';

/** Kinds whose objects have a state that asks for attention: they are watched. The others are only counted. */
const watchedKinds: ReadonlySet<string> = new Set([
  '/pods',
  '/nodes',
  '/namespaces',
  'apps/deployments',
  'apps/statefulsets',
  'apps/daemonsets',
  'batch/jobs',
  'batch/cronjobs',
]);
/** Kinds that come and go without end and that nobody counts. */
const uncounted: ReadonlySet<string> = new Set(['/events', 'events.k8s.io/events', 'coordination.k8s.io/leases']);
/** At most one answer in this time: numbers that spin cannot be read. */
const PACE_MS = 250;
/** How often what is only counted is counted again. */
const RECOUNT_MS = 20_000;

export interface KindCountsOptions {
  session: ClusterSession;
  clock: Clock;
  /** Empty: all. */
  namespaces: readonly string[];
}

export type KindCounts = Record<string, KindCount>;

/** Live counts of all kinds by `resourceId`: states from informers, mere numbers by asking now and then. */
export async function* kindCounts(options: KindCountsOptions, signal: AbortSignal): AsyncGenerator<KindCounts> {
  const changed = new Pulse();
  using counting = new Counting(options, () => changed.set());
  const asking = counting.ask(signal);
  changed.set();
  while (!signal.aborted) {
    await changed.taken(signal);
    if (signal.aborted) break;
    yield counting.counts();
    await sleep(options.clock, PACE_MS, signal).catch(() => undefined);
  }
  await asking;
}

class Counting implements Disposable {
  readonly #options: KindCountsOptions;
  readonly #changed: () => void;
  readonly #watched = new Map<string, StateCounter>();
  readonly #asked = new Map<string, KindCount>();
  readonly #listening: Disposable;

  constructor(options: KindCountsOptions, changed: () => void) {
    this.#options = options;
    this.#changed = changed;
    this.#listening = options.session.subscribe(() => this.#watchKinds());
    this.#watchKinds();
  }

  counts(): KindCounts {
    const counts = Object.fromEntries(this.#asked);
    for (const [id, counter] of this.#watched) {
      const count = counter.count();
      if (count) counts[id] = count;
    }
    return counts;
  }

  /** Asks for the number of every kind that is not watched, one after the other, until `signal` aborts. */
  async ask(signal: AbortSignal): Promise<void> {
    const { session, clock } = this.#options;
    while (!signal.aborted) {
      await session.ready(signal).catch(() => undefined);
      for (const resource of session.kinds) {
        if (signal.aborted) return;
        if (!watchedKinds.has(groupPlural(resource)) && !uncounted.has(groupPlural(resource)) && resource.preferred) {
          await this.#askFor(resource, signal);
        }
      }
      await sleep(clock, RECOUNT_MS, signal).catch(() => undefined);
    }
  }

  [Symbol.dispose](): void {
    this.#listening[Symbol.dispose]();
    for (const counter of this.#watched.values()) counter[Symbol.dispose]();
  }

  #watchKinds(): void {
    for (const resource of this.#options.session.kinds) {
      const id = resourceId(resource);
      if (this.#watched.has(id) || !resource.preferred || !watchedKinds.has(groupPlural(resource))) continue;
      this.#watched.set(id, new StateCounter(this.#options, resource, this.#changed));
    }
  }

  async #askFor(resource: Resource, signal: AbortSignal): Promise<void> {
    const id = resourceId(resource);
    const total = await this.#total(resource, signal).catch((failure: unknown) => unknownCount(failure, signal));
    if (total === undefined || total === this.#asked.get(id)?.total) return;
    this.#asked.set(id, { total, bad: 0, warn: 0, busy: 0 });
    this.#changed();
  }

  async #total(resource: Resource, signal: AbortSignal): Promise<number> {
    const { session, namespaces } = this.#options;
    let total = 0;
    for (const namespace of resource.namespaced && namespaces.length > 0 ? namespaces : [undefined]) {
      const { items, metadata } = await session.client.list<AnyObject>(resource, { namespace, limit: 1, signal });
      total += items.length + (metadata.remainingItemCount ?? 0);
    }
    return total;
  }
}

/** What may not be listed or does not answer has no count; the session says why. */
function unknownCount(failure: unknown, signal: AbortSignal): undefined {
  if (failure instanceof ApiStatusError || failure instanceof Error || signal.aborted) return undefined;
  throw failure;
}

function groupPlural({ group, plural }: Resource): string {
  return `${group}/${plural}`;
}

/** How many objects of one kind there are, and in which states. */
class StateCounter implements Disposable {
  readonly #tones = new Map<string, Tone>();
  readonly #resource: Resource;
  readonly #sources: { source: ScopeSource; listening: Disposable }[];

  constructor({ session, namespaces }: KindCountsOptions, resource: Resource, changed: () => void) {
    this.#resource = resource;
    const chosen = new Set(namespaces);
    this.#sources = watchedNamespaces(resource, namespaces).map((namespace) => {
      const scope = namespace === undefined && chosen.size > 0 && resource.namespaced ? chosen : undefined;
      const source = openSource(session.informers, resource, namespace);
      this.#apply(inNamespaces(Array.from(source.informer.cache.values(), added), scope));
      const listening = source.informer.subscribe((deltas) => {
        this.#apply(inNamespaces(deltas, scope));
        changed();
      });
      return { source, listening };
    });
    changed();
  }

  /** Undefined while nothing is known: not read yet, or not allowed to be read. */
  count(): KindCount | undefined {
    const { state } = worstFreshness(this.#sources.map(({ source }) => source));
    if (this.#tones.size === 0 && state !== 'live' && state !== 'reconnecting') return undefined;
    const count: KindCount = { total: this.#tones.size, bad: 0, warn: 0, busy: 0 };
    for (const tone of this.#tones.values()) if (tone === 'bad' || tone === 'warn' || tone === 'busy') count[tone]++;
    return count;
  }

  [Symbol.dispose](): void {
    for (const { source, listening } of this.#sources) {
      listening[Symbol.dispose]();
      source.dispose();
    }
  }

  #apply(deltas: readonly Delta<AnyObject>[]): void {
    const kind = kindOf(this.#resource);
    for (const { type, object } of deltas) {
      if (type === 'removed') this.#tones.delete(object.metadata.uid);
      else this.#tones.set(object.metadata.uid, kind?.status(object).tone ?? 'none');
    }
  }
}

function added(object: AnyObject): Delta<AnyObject> {
  return { type: 'added', object };
}
