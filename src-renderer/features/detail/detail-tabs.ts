import type { Component } from 'vue';
import type { ActionName } from '#renderer/resources/shared/kind-view';

/** `edit` is the YAML with the editing already begun. */
export type DetailTab = 'summary' | 'events' | 'yaml' | 'edit' | 'describe' | 'logs' | 'shell' | 'related';

/** Views of other features that stand in the panel; the composition root puts them together. */
export interface DetailViews {
  yaml: Component;
  logs: Component;
  shell: Component;
}

/** The tabs of a kind: logs and a shell only where there can be some. */
export function tabsOf(actions: readonly ActionName[]): DetailTab[] {
  return [
    'summary',
    'events',
    'yaml',
    'describe',
    ...(actions.includes('logs') ? (['logs'] as const) : []),
    ...(actions.includes('shell') ? (['shell'] as const) : []),
    'related',
  ];
}
