import type { ComposerTranslation } from 'vue-i18n';
import type { PaletteEntry } from '#renderer/features/palette/CommandPalette.vue';
import type { ObjectRef, ResourceKind } from '#common/contract/shapes';
import { kindPlural } from '#renderer/i18n/kind-names';
import { kindView } from '#renderer/resources/registry';
import type { ActionName } from '#renderer/resources/shared/kind-view';
import { navigation } from '#renderer/stores/navigation';
import type { useClustersStore } from '#renderer/stores/clusters';
import type { useSessionStore } from '#renderer/stores/session';
import type { useWorkspaceStore } from '#renderer/stores/workspace';
import { resourceId } from '#common/kube/resource';

interface Sources {
  t: ComposerTranslation;
  clusters: ReturnType<typeof useClustersStore>;
  session: ReturnType<typeof useSessionStore>;
  workspace: ReturnType<typeof useWorkspaceStore>;
  addSandbox: () => void;
  /** The objects of the table that is shown. */
  objects: readonly ObjectRef[];
  act: (action: ActionName, target: ObjectRef) => void;
}

/**
 * Everything the palette can do and go to: what can be done to the object under the cursor, kinds and namespaces of the
 * open cluster, the objects in sight, clusters, and what can be done anywhere.
 */
export function paletteEntries(sources: Sources): PaletteEntry[] {
  const { t, clusters, session, workspace, addSandbox, objects } = sources;
  return [
    ...objectActions(sources),
    ...kindEntries(session, t('frame.palette.kind'), workspace.showKind),
    ...objects.map((object) => ({
      id: `object ${resourceId(object.resource)} ${object.namespace ?? ''}/${object.name}`,
      text: object.name,
      kind: object.namespace ? `${object.resource.kind} · ${object.namespace}` : object.resource.kind,
      run: () => workspace.select(object),
    })),
    ...session.namespaces.map((name) => ({
      id: `namespace ${name}`,
      text: name,
      kind: t('frame.palette.namespace'),
      run: () => workspace.remember({ namespaces: [name] }),
    })),
    ...(clusters.list ?? []).map(({ id, name }) => ({
      id: `cluster ${id}`,
      text: name,
      kind: t('frame.palette.cluster'),
      run: () => workspace.openCluster(id),
    })),
    action('forwards', t('frame.nav.forwards'), () => workspace.show('forwards')),
    action('catalogue', t('frame.rail.catalogue'), () => workspace.show('catalogue')),
    action('settings', t('frame.rail.settings'), () => workspace.show('settings')),
    action('new sandbox', t('frame.rail.add'), addSandbox),
  ];

  function action(id: string, text: string, run: () => void): PaletteEntry {
    return { id: `action ${id}`, text, kind: t('frame.palette.action'), run };
  }
}

/** What can be done to the object whose details are open, or which the cursor is on. */
function objectActions({ t, workspace, act }: Pick<Sources, 't' | 'workspace' | 'act'>): PaletteEntry[] {
  const target = workspace.selection ?? workspace.cursor;
  if (!target) return [];
  return kindView(target.resource).actions.map((action) => ({
    id: `act ${action}`,
    text: t('frame.palette.act', { action: t(`actions.names.${action}`), name: target.name }),
    kind: t('frame.palette.action'),
    run: () => act(action, target),
  }));
}

/** What a new tab can show. */
export function tabEntries({ t, session, workspace }: Pick<Sources, 't' | 'session' | 'workspace'>): PaletteEntry[] {
  return kindEntries(session, t('frame.palette.kind'), workspace.addTab);
}

function kindEntries(session: Sources['session'], word: string, go: (kind: ResourceKind) => void): PaletteEntry[] {
  const kinds = navigation(session.state?.kinds ?? []).flatMap((group) => group.kinds);
  return kinds.map((kind) => ({
    id: `kind ${resourceId(kind)}`,
    text: kindPlural(kind.kind),
    kind: word,
    run: () => go(kind),
  }));
}
