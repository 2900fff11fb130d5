import type { ComposerTranslation } from 'vue-i18n';
import type { PaletteEntry } from '#renderer/features/palette/CommandPalette.vue';
import { navigation, pluralOf } from '#renderer/features/frame/navigation';
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
}

/** Everything the palette can go to: kinds and namespaces of the open cluster, clusters, and what can be done anywhere. */
export function paletteEntries({ t, clusters, session, workspace, addSandbox }: Sources): PaletteEntry[] {
  const kinds = navigation(session.state?.kinds ?? []).flatMap((group) => group.kinds);
  return [
    ...kinds.map((kind) => ({
      id: `kind ${resourceId(kind)}`,
      text: pluralOf(kind.kind),
      kind: t('frame.palette.kind'),
      run: () => workspace.showKind(kind),
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
    action('forwards', t('frame.nav.forwards'), () => (workspace.view = { is: 'forwards' })),
    action('catalogue', t('frame.rail.catalogue'), () => (workspace.view = { is: 'catalogue' })),
    action('settings', t('frame.rail.settings'), () => (workspace.view = { is: 'settings' })),
    action('new sandbox', t('frame.rail.add'), addSandbox),
  ];

  function action(id: string, text: string, run: () => void): PaletteEntry {
    return { id: `action ${id}`, text, kind: t('frame.palette.action'), run };
  }
}
