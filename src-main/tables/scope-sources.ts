import { genericKind } from '#common/kinds/generic';
import type { Kind } from '#common/kinds/kind';
import { kindOf } from '#common/kinds/registry';
import type { AnyObject, TableColumnDefinition } from '#common/kube/object';
import type { Resource } from '#common/kube/resource';
import type { Delta, Freshness, Informer } from '#main/informer/informer';
import type { Informers, TableLease } from '#main/informer/informers';

/** Where a view reads its objects from: one informer for all namespaces, or one for each of those chosen. */
export interface ScopeSource {
  readonly informer: Informer<AnyObject>;
  /** Set for kinds whose columns come from the server. */
  readonly columns?: readonly TableColumnDefinition[];
  dispose(): void;
}

/** More chosen namespaces than this are read with one watch over all of them and filtered here. */
const MAX_NAMESPACE_WATCHES = 8;

/** The namespaces to watch one by one; `undefined` stands for all at once. */
export function watchedNamespaces(resource: Resource, namespaces: readonly string[]): readonly (string | undefined)[] {
  const all = !resource.namespaced || namespaces.length === 0 || namespaces.length > MAX_NAMESPACE_WATCHES;
  return all ? [undefined] : [...new Set(namespaces)];
}

export function openSource(informers: Informers, resource: Resource, namespace: string | undefined): ScopeSource {
  if (!kindOf(resource)) {
    const lease = informers.openTable(resource, { namespace });
    return tableSource(lease);
  }
  const lease = informers.open<AnyObject>(resource, { namespace, trim: true });
  return { informer: lease.informer, dispose: () => lease[Symbol.dispose]() };
}

function tableSource(lease: TableLease): ScopeSource {
  return {
    informer: lease.informer as unknown as Informer<AnyObject>,
    get columns() {
      return lease.columns;
    },
    dispose: () => lease[Symbol.dispose](),
  };
}

/** What is known of the kind, or what the server's columns tell. */
export function kindFor({ group, plural }: Resource, columns: readonly TableColumnDefinition[]): Kind {
  return kindOf({ group, plural }) ?? genericKind(group, plural, columns);
}

/** Only what lies in the chosen namespaces: more than MAX_NAMESPACE_WATCHES are read through one watch. */
export function inNamespaces(
  deltas: readonly Delta<AnyObject>[],
  chosen: ReadonlySet<string> | undefined,
): readonly Delta<AnyObject>[] {
  return chosen ? deltas.filter(({ object }) => chosen.has(object.metadata.namespace ?? '')) : deltas;
}

/** Worst first: a view is as fresh as its worst source. */
const severity: readonly Freshness['state'][] = ['failed', 'forbidden', 'reconnecting', 'loading', 'live'];

export function worstFreshness(sources: readonly { informer: { freshness: Freshness } }[]): Freshness {
  const [first, ...rest] = sources.map(({ informer }) => informer.freshness);
  const start = first ?? { state: 'loading', since: 0 };
  return rest.reduce((worst, next) => (rankOf(next) < rankOf(worst) ? next : worst), start);
}

function rankOf({ state }: Freshness): number {
  return severity.indexOf(state);
}
