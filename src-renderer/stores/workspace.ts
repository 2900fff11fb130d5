import { defineStore } from 'pinia';
import { computed, ref, shallowRef, watch } from 'vue';
import type { ClusterId, ObjectRef, ResourceRef } from '#common/contract/shapes';
import { useLayoutStore } from './layout';

/** What the middle of the window shows. */
export type View =
  | { is: 'starting' }
  | { is: 'table'; resource: ResourceRef }
  | { is: 'forwards' }
  | { is: 'catalogue' }
  | { is: 'settings' };

/** A panel of the dock: which feature, and what it is about. */
export interface DockPanel {
  id: string;
  feature: 'logs' | 'terminal';
  title: string;
  target: unknown;
}

export const PODS: ResourceRef = { group: '', version: 'v1', plural: 'pods', kind: 'Pod', namespaced: true };

/** True for the same kind, in whichever version. */
export function sameKind(a: Pick<ResourceRef, 'group' | 'plural'>, b: Pick<ResourceRef, 'group' | 'plural'>): boolean {
  return a.group === b.group && a.plural === b.plural;
}

/** Where the person is: cluster, view, selected object, open panels. */
export const useWorkspaceStore = defineStore('workspace', () => {
  const layouts = useLayoutStore();
  const cluster = ref<ClusterId>();
  const view = shallowRef<View>({ is: 'starting' });
  /** The object whose details are open. */
  const selection = shallowRef<ObjectRef>();
  /** The object under the table's cursor, whether its details are open or not. */
  const cursor = shallowRef<ObjectRef>();
  const detailTab = ref('summary');
  const layout = computed(() => layouts.of(cluster.value));

  function openCluster(id: ClusterId): void {
    if (cluster.value !== id) selection.value = undefined;
    cluster.value = id;
    layouts.rememberLast(id);
    showKind(layout.value.resource ?? PODS);
  }

  /** Shows a kind in the present tab, or in the tab it already has. */
  function showKind(resource: ResourceRef): void {
    const { tabs } = layout.value;
    const current = view.value.is === 'table' ? view.value.resource : layout.value.resource;
    if (!current || !sameKind(current, resource)) selection.value = cursor.value = undefined;
    view.value = { is: 'table', resource };
    layouts.remember(cluster.value, { resource, tabs: tabsWith(tabs, resource, current) });
  }

  /** Shows a kind in a tab of its own, beside what is there. */
  function addTab(resource: ResourceRef): void {
    const { tabs } = layout.value;
    if (!tabs.some((tab) => sameKind(tab, resource))) layouts.remember(cluster.value, { tabs: [...tabs, resource] });
    showKind(resource);
  }

  function closeTab(resource: ResourceRef): void {
    const { tabs } = layout.value;
    const index = tabs.findIndex((tab) => sameKind(tab, resource));
    if (index < 0 || tabs.length < 2) return;
    const left = tabs.toSpliced(index, 1);
    const next = left[Math.min(index, left.length - 1)];
    layouts.remember(cluster.value, { tabs: left });
    if (next && view.value.is === 'table' && sameKind(view.value.resource, resource)) showKind(next);
  }

  const filter = computed({
    get: () => (view.value.is === 'table' ? (layout.value.filters?.[kindKey(view.value.resource)] ?? '') : ''),
    set: (text) => {
      if (view.value.is !== 'table') return;
      const { [kindKey(view.value.resource)]: _, ...others } = layout.value.filters ?? {};
      const filters = text ? { ...others, [kindKey(view.value.resource)]: text } : others;
      layouts.remember(cluster.value, { filters });
    },
  });

  watch(cluster, () => (detailTab.value = 'summary'));

  return {
    cluster,
    view,
    selection,
    cursor,
    detailTab,
    ...dockPanels(),
    filter,
    layout,
    remember: (change: Parameters<typeof layouts.remember>[1]) => layouts.remember(cluster.value, change),
    openCluster,
    showKind,
    addTab,
    closeTab,
    show: (next: Exclude<View['is'], 'table'>) => (view.value = { is: next }),
    select: (target: ObjectRef | undefined) => (selection.value = target),
  };
});

const kindKey = ({ group, plural }: ResourceRef) => `${group}/${plural}`;

/** The tabs once `resource` is shown: it takes the place of `current` unless it has a tab already. */
function tabsWith(tabs: readonly ResourceRef[], resource: ResourceRef, current?: ResourceRef): ResourceRef[] {
  const place = tabs.findIndex((tab) => sameKind(tab, resource));
  const own = place >= 0 ? place : tabs.findIndex((tab) => current !== undefined && sameKind(tab, current));
  return own >= 0 ? tabs.toSpliced(own, 1, resource) : [...tabs, resource];
}

/** The panels of the dock; the newest is shown, and a neighbour when the shown one closes. */
function dockPanels() {
  const panels = shallowRef<readonly DockPanel[]>([]);
  const activePanel = ref<string>();

  function openPanel(panel: DockPanel): void {
    if (!panels.value.some(({ id }) => id === panel.id)) panels.value = [...panels.value, panel];
    activePanel.value = panel.id;
  }

  function closePanel(id: string): void {
    const index = panels.value.findIndex((panel) => panel.id === id);
    panels.value = panels.value.filter((panel) => panel.id !== id);
    if (activePanel.value === id) activePanel.value = (panels.value[index] ?? panels.value.at(-1))?.id;
  }

  return { panels, activePanel, openPanel, closePanel };
}
