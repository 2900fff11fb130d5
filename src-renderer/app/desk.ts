import type { PilothouseApi } from '#common/contract/contract';
import type { ObjectRef } from '#common/contract/shapes';
import type { AnyObject } from '#common/kube/object';
import type { ActionName } from '#renderer/resources/shared/kind-view';
import type { Desk } from '#renderer/resources/shared/desk';
import { logTargetOf } from '#renderer/resources/shared/log-target';
import { useClustersStore } from '#renderer/stores/clusters';
import { useToastsStore } from '#renderer/stores/toasts';
import { useWorkspaceStore } from '#renderer/stores/workspace';

export type AskedAction = {
  action: Exclude<ActionName, 'logs' | 'shell' | 'edit'>;
  target: ObjectRef;
  object?: AnyObject;
};

/** What the views of objects may ask of the window: everything that leaves their own panel goes through here. */
export function createDesk(api: PilothouseApi, ask: (action: AskedAction) => void): Desk {
  const clusters = useClustersStore();
  const workspace = useWorkspaceStore();
  const toasts = useToastsStore();

  function act(action: ActionName, target: ObjectRef, object?: AnyObject): void {
    if (action === 'logs') openLogs(target, object);
    else if (action === 'shell') openShell(target);
    else if (action === 'edit') {
      workspace.select(target);
      workspace.detailTab = 'yaml';
    } else ask({ action, target, ...(object ? { object } : {}) });
  }

  function openLogs(target: ObjectRef, object: AnyObject | undefined): void {
    const logs = logTargetOf(target, object);
    if (logs) workspace.openPanel({ id: `logs ${idOf(target)}`, feature: 'logs', title: target.name, target: logs });
  }

  function openShell({ cluster, namespace = '', name }: ObjectRef): void {
    const id = `terminal ${cluster} ${namespace} ${name} ${workspace.panels.length}`;
    workspace.openPanel({ id, feature: 'terminal', title: name, target: { cluster, namespace, pod: name } });
  }

  return {
    api,
    openObject: (target) => workspace.select(target),
    act,
    clusterName: clusters.nameOf,
    protectionOf: clusters.protectionOf,
    say: toasts.say,
    copy: (text) =>
      navigator.clipboard.writeText(text).then(
        () => true,
        () => false,
      ),
    openExternal: (url) => void openOutside(api, url),
    saveFile,
    keyText: (keys) => keyText(keys, navigator.platform),
  };
}

const idOf = ({ cluster, resource, namespace, name }: ObjectRef) =>
  [cluster, resource.plural, namespace, name].join(' ');

/** The desktop asks the system; a browser opens a tab of its own. */
async function openOutside(api: PilothouseApi, url: string): Promise<void> {
  const { host } = await api.app.info();
  if (host === 'desktop') await api.app.openExternal({ url });
  else window.open(url, '_blank', 'noopener,noreferrer');
}

function saveFile(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/plain' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}

/** `Mod+K` as the system writes it. */
export function keyText(keys: string, platform: string): string {
  const isMac = platform.startsWith('Mac');
  return isMac ? keys.replace('Mod+', '⌘').replace('Shift+', '⇧').replace('Alt+', '⌥') : keys.replace('Mod+', 'Ctrl+');
}
