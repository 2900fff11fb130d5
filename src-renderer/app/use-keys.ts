import { onBeforeUnmount, onMounted } from 'vue';
import type { ObjectRef } from '#common/contract/shapes';
import type { ActionName } from '#renderer/resources/shared/kind-view';
import { kindView } from '#renderer/resources/registry';

interface KeyTargets {
  palette(): void;
  filter(): void;
  help(): void;
  escape(): void;
  selection(): ObjectRef | undefined;
  showTab(tab: string): void;
  act(action: ActionName, target: ObjectRef): void;
}

const TABS: Record<string, string> = { y: 'yaml', d: 'describe' };
const ACTIONS: Record<string, ActionName> = { l: 'logs', s: 'shell', f: 'forward', e: 'edit', Delete: 'delete' };

/** The keys of the whole window. Letters act on the selected object, and never while somebody types. */
export function useKeys(targets: KeyTargets): void {
  function onKey(event: KeyboardEvent): void {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') {
      event.preventDefault();
      targets.palette();
    } else if (!event.ctrlKey && !event.metaKey && !event.altKey && !isTyping(event.target)) plain(event);
  }

  function plain(event: KeyboardEvent): void {
    if (event.key === '/') {
      event.preventDefault();
      targets.filter();
    } else if (event.key === '?') targets.help();
    else if (event.key === 'Escape') targets.escape();
    else onSelection(event);
  }

  function onSelection(event: KeyboardEvent): void {
    const target = targets.selection();
    const action = ACTIONS[event.key];
    const tab = TABS[event.key];
    if (!target) return;
    if (tab) targets.showTab(tab);
    else if (action && kindView(target.resource).actions.includes(action)) targets.act(action, target);
  }

  onMounted(() => addEventListener('keydown', onKey));
  onBeforeUnmount(() => removeEventListener('keydown', onKey));
}

/** True inside fields, editors, terminals and dialogs, which take letters themselves. */
function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return (
    target.isContentEditable ||
    target.closest('input:not([type=checkbox]), textarea, select, [role=dialog], .xterm') !== null
  );
}
