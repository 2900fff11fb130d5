import { defineStore } from 'pinia';
import type { SortKey } from '#common/contract/tables';
import type { ClusterId, ResourceRef } from '#common/contract/shapes';
import { usePreferencesStore } from './preferences';

/** What one cluster's part of the window remembers. */
export interface ClusterLayout {
  /** Chosen namespaces; empty: all. */
  namespaces: string[];
  tabs: ResourceRef[];
  /** The kind that is shown. */
  resource?: ResourceRef;
  /** Filter texts by `group/plural`. */
  filters?: Record<string, string>;
  /** Pixels. */
  detailWidth?: number;
  dockHeight?: number;
}

/** What the table of one kind remembers, in every cluster. */
export interface TableLayout {
  order?: string[];
  visible?: Record<string, boolean>;
  widths?: Record<string, number>;
  sort?: SortKey[];
}

const EMPTY: ClusterLayout = { namespaces: [], tabs: [] };
const NO_CHOICE: TableLayout = {};
/** The host takes keys of 200 letters; names of contexts may be longer. */
const MOST_LETTERS = 190;

/** How the window is arranged, per cluster and per kind. */
export const useLayoutStore = defineStore('layout', () => {
  const preferences = usePreferencesStore();

  function of(cluster: ClusterId | undefined): ClusterLayout {
    return cluster ? preferences.get(clusterKey(cluster), EMPTY) : EMPTY;
  }

  function remember(cluster: ClusterId | undefined, change: Partial<ClusterLayout>): void {
    if (cluster) preferences.set(clusterKey(cluster), { ...of(cluster), ...change });
  }

  function ofTable(resource: ResourceRef): TableLayout {
    return preferences.get(tableKey(resource), NO_CHOICE);
  }

  function rememberTable(resource: ResourceRef, change: TableLayout): void {
    preferences.set(tableKey(resource), { ...ofTable(resource), ...change });
  }

  return {
    of,
    remember,
    ofTable,
    rememberTable,
    forgetTable: (resource: ResourceRef) => preferences.set(tableKey(resource), NO_CHOICE),
    /** The cluster to begin with next time. */
    last: () => preferences.get<ClusterId | undefined>('lastCluster', undefined),
    rememberLast: (cluster: ClusterId) => preferences.set('lastCluster', cluster),
  };
});

const tableKey = ({ group, plural }: ResourceRef) => `table:${group}/${plural}`.slice(0, MOST_LETTERS);

/** Long names are cut, with a number from all of their letters, so that two of them stay two. */
export function clusterKey(cluster: ClusterId): string {
  const key = `cluster:${cluster}`;
  if (key.length <= MOST_LETTERS) return key;
  let hash = 0;
  for (const letter of key) hash = (hash * 31 + (letter.codePointAt(0) ?? 0)) >>> 0;
  return `${key.slice(0, MOST_LETTERS - 10)}#${hash.toString(36)}`;
}
