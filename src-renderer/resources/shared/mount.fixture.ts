import { mount, type VueWrapper } from '@vue/test-utils';
import { createPinia } from 'pinia';
import type { Component } from 'vue';
import type { PilothouseApi } from '#common/contract/contract';
import { createCatalogues } from '#renderer/i18n/catalogues';
import { deskKey, type Desk, type Notice } from './desk';

export interface Mounted {
  wrapper: VueWrapper;
  /** What was said in passing. */
  said: Notice[];
  opened: unknown[];
}

/** Mounts a component as the window does, over the operations a test gives; for tests. */
export function mountView(
  component: Component,
  props: Record<string, unknown>,
  given: { api?: object; desk?: Partial<Desk> } = {},
): Mounted {
  const said: Notice[] = [];
  const opened: unknown[] = [];
  const desk: Desk = {
    api: (given.api ?? {}) as PilothouseApi,
    openObject: (target) => void opened.push(target),
    act: (action, target) => void opened.push({ action, target }),
    clusterName: () => 'prod',
    protectionOf: () => 'none',
    say: (notice) => void said.push(notice),
    copy: async () => true,
    openExternal: (url) => void opened.push(url),
    saveFile: (name) => void opened.push(name),
    keyText: (keys) => keys,
    ...given.desk,
  };
  const wrapper = mount(component, {
    props,
    attachTo: document.body,
    global: { plugins: [createPinia(), createCatalogues('en')], provide: { [deskKey as symbol]: desk } },
  });
  return { wrapper, said, opened };
}

/** Lets everything that is under way settle. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setTimeout(resolve, 0));
}
