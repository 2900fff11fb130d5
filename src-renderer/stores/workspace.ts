import { defineStore } from 'pinia';
import { computed, ref, shallowRef, watch } from 'vue';
import type { ClusterId, ObjectRef, ResourceRef } from '#common/contract/shapes';
import { usePreferencesStore } from './preferences';

/** What the middle of the window shows. */
export type View =
  { is: 'table'; resource: ResourceRef } | { is: 'forwards' } | { is: 'catalogue' } | { is: 'settings' };

/** A panel of the dock: which feature, and what it is about. */
export interface DockPanel {
  id: string;
  feature: 'logs' | 'terminal';
  title: string;
  target: unknown;
}

/** What one cluster's part of the window remembers. */
export interface ClusterLayout {
  namespaces: string[];
  resource?: ResourceRef;
  tabs: ResourceRef[];
}

const EMPTY_LAYOUT: ClusterLayout = { namespaces: [], tabs: [] };
const sameResource = (a: ResourceRef, b: ResourceRef) => a.group === b.group && a.plural === b.plural;

/** Where the person is: cluster, view, selected object, open panels. */
export const useWorkspaceStore = defineStore('workspace', () => {
  const preferences = usePreferencesStore();
  const cluster = ref<ClusterId>();
  const view = shallowRef<View>({ is: 'catalogue' });
  const selection = shallowRef<ObjectRef>();
  const detailTab = ref('summary');
  const filters = shallowRef<Readonly<Record<string, string>>>({});

  const layout = computed<ClusterLayout>(() =>
    cluster.value ? preferences.get(`cluster:${cluster.value}`, EMPTY_LAYOUT) : EMPTY_LAYOUT,
  );

  function remember(change: Partial<ClusterLayout>): void {
    if (cluster.value) preferences.set(`cluster:${cluster.value}`, { ...layout.value, ...change });
  }

  function openCluster(id: ClusterId): void {
    if (cluster.value !== id) selection.value = undefined;
    cluster.value = id;
    const { resource = PODS } = layout.value;
    showKind(resource);
    preferences.set('lastCluster', id);
  }

  function showKind(resource: ResourceRef): void {
    const { tabs } = layout.value;
    const current = view.value.is === 'table' ? view.value.resource : undefined;
    if (current && !sameResource(current, resource)) selection.value = undefined;
    const isTab = tabs.some((tab) => sameResource(tab, resource));
    const kept =
      current && tabs.length > 0 ? tabs.map((tab) => (sameResource(tab, current) ? resource : tab)) : [resource];
    view.value = { is: 'table', resource };
    remember({ resource, tabs: isTab ? tabs : kept });
  }

  /** Opens a kind in a tab of its own, beside what is there. */
  function addTab(resource: ResourceRef): void {
    if (!layout.value.tabs.some((tab) => sameResource(tab, resource)))
      remember({ tabs: [...layout.value.tabs, resource] });
    showKind(resource);
  }

  function closeTab(resource: ResourceRef): void {
    const tabs = layout.value.tabs.filter((tab) => !sameResource(tab, resource));
    remember({ tabs });
    const next = tabs.at(-1);
    if (next && view.value.is === 'table' && sameResource(view.value.resource, resource)) showKind(next);
  }

  function select(target: ObjectRef | undefined): void {
    selection.value = target;
  }

  const filterKey = computed(() =>
    view.value.is === 'table' ? `${cluster.value}/${view.value.resource.group}/${view.value.resource.plural}` : '',
  );
  const filter = computed({
    get: () => filters.value[filterKey.value] ?? '',
    set: (text: string) => (filters.value = { ...filters.value, [filterKey.value]: text }),
  });

  watch(cluster, () => (detailTab.value = 'summary'));

  return {
    cluster,
    view,
    selection,
    detailTab,
    ...dockPanels(),
    filter,
    layout,
    remember,
    openCluster,
    showKind,
    addTab,
    closeTab,
    select,
  };
});

/** The panels of the dock; the newest is shown, and the last one when the shown one closes. */
function dockPanels() {
  const panels = shallowRef<readonly DockPanel[]>([]);
  const activePanel = ref<string>();

  function openPanel(panel: DockPanel): void {
    if (!panels.value.some(({ id }) => id === panel.id)) panels.value = [...panels.value, panel];
    activePanel.value = panel.id;
  }

  function closePanel(id: string): void {
    panels.value = panels.value.filter((panel) => panel.id !== id);
    if (activePanel.value === id) activePanel.value = panels.value.at(-1)?.id;
  }

  return { panels, activePanel, openPanel, closePanel };
}

const PODS: ResourceRef = { group: '', version: 'v1', plural: 'pods', kind: 'Pod', namespaced: true };
