import type { Clock } from '#common/base/clock';
import type { Scope } from '#common/base/scope';
import { orAborted } from '#main/base/linked-abort';
import type { KubeClient } from '#main/client/client';
import { discover } from '#main/client/discovery/discover';
import type { DiscoveredResource } from '#main/client/discovery/discovered';
import type { Informers } from '#main/informer/informers';
import type { KindWanted } from './session';

export interface KindsOptions {
  client: KubeClient;
  informers: Informers;
  clock: Clock;
  scope: Scope;
  /** Called after `list` changed. */
  changed(): void;
}

/** Kinds whose objects make other kinds: when they change, discovery is read again. */
const makers = [
  { group: 'apiextensions.k8s.io', plural: 'customresourcedefinitions' },
  { group: 'apiregistration.k8s.io', plural: 'apiservices' },
];
/** A chart installs many definitions at once, and the server needs a moment to serve them. */
const DEBOUNCE_MS = 500;

/** The kinds of one server, kept current. */
export class Kinds {
  readonly #options: KindsOptions;
  readonly #followed = new Set<string>();
  #list: readonly DiscoveredResource[] = [];
  #failed: readonly string[] = [];
  #reading: Promise<void> | undefined;
  #pending: Disposable | undefined;

  constructor(options: KindsOptions) {
    this.#options = options;
    options.scope.add(() => this.#pending?.[Symbol.dispose]());
  }

  /** Those that can be listed. */
  get list(): readonly DiscoveredResource[] {
    return this.#list;
  }

  /** Groups that did not answer, as `group/version`: their kinds are missing from the list. */
  get failed(): readonly string[] {
    return this.#failed;
  }

  find({ group, version, plural, kind }: KindWanted): DiscoveredResource | undefined {
    return this.#list.find(
      (found) =>
        found.group === group &&
        (version === undefined ? found.preferred : found.version === version) &&
        (plural === undefined || found.plural === plural) &&
        (kind === undefined || found.kind === kind),
    );
  }

  /** All who ask at the same time share one reading. */
  refresh(signal?: AbortSignal): Promise<void> {
    this.#reading ??= this.#read().finally(() => (this.#reading = undefined));
    return orAborted(this.#reading, signal);
  }

  async #read(): Promise<void> {
    const { client, scope, changed } = this.#options;
    const { resources, failed } = await discover(client, scope.signal);
    const list = resources.filter(({ verbs }) => verbs.includes('list'));
    const isSame = JSON.stringify([list, failed]) === JSON.stringify([this.#list, this.#failed]);
    this.#list = list;
    this.#failed = failed;
    this.#followMakers();
    if (!isSame) changed();
  }

  #followMakers(): void {
    for (const maker of makers) {
      const found = this.find(maker);
      if (!found?.verbs.includes('watch') || this.#followed.has(maker.plural)) continue;
      this.#followed.add(maker.plural);
      void this.#follow(found);
    }
  }

  /** As a Table: definitions carry whole schemas, and only their coming and going matters here. */
  async #follow(maker: DiscoveredResource): Promise<void> {
    const { informers, scope } = this.#options;
    const lease = scope.add(informers.openTable(maker));
    try {
      await lease.informer.synced(scope.signal);
    } catch {
      // Not allowed to see them, or closing: discovery is read on demand only.
      lease[Symbol.dispose]();
      return;
    }
    scope.add(lease.informer.subscribe((deltas) => deltas.length > 0 && this.#refreshSoon()));
  }

  #refreshSoon(): void {
    this.#pending?.[Symbol.dispose]();
    this.#pending = this.#options.clock.after(DEBOUNCE_MS, () => {
      this.#pending = undefined;
      // What fails here fails for the probe too, which tells the person.
      this.refresh().catch(() => undefined);
    });
  }
}
