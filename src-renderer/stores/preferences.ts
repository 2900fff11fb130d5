import { defineStore } from 'pinia';
import { onScopeDispose, ref, shallowRef } from 'vue';
import { useApi } from './api';

export type Theme = 'system' | 'light' | 'dark';
export type Language = 'system' | 'en' | 'zh';
export type Contrast = 'system' | 'normal' | 'high';
export type Density = 'normal' | 'compact';

const SAVE_AFTER_MS = 400;

/** What the window keeps between starts. It lies with the host: the window's own storage holds nothing. */
export const usePreferencesStore = defineStore('preferences', () => {
  const api = useApi();
  const values = shallowRef<Readonly<Record<string, unknown>>>({});
  const loaded = ref(false);
  let unsaved: Record<string, unknown> = {};
  let timer: ReturnType<typeof setTimeout> | undefined;

  async function load(): Promise<void> {
    values.value = { ...(await api.app.preferences()), ...unsaved };
    loaded.value = true;
  }

  function get<T>(key: string, fallback: T): T {
    return (values.value[key] as T | undefined) ?? fallback;
  }

  function set(key: string, value: unknown): void {
    values.value = { ...values.value, [key]: value };
    unsaved[key] = value;
    clearTimeout(timer);
    timer = setTimeout(save, SAVE_AFTER_MS);
  }

  function save(): void {
    clearTimeout(timer);
    const changes = unsaved;
    unsaved = {};
    if (Object.keys(changes).length === 0) return;
    // Kept for the next try: a change of layout is not worth an error of its own.
    api.app.savePreferences(changes).catch(() => (unsaved = { ...changes, ...unsaved }));
  }

  addEventListener('pagehide', save);
  onScopeDispose(() => {
    removeEventListener('pagehide', save);
    clearTimeout(timer);
  });
  return { values, loaded, load, get, set };
});
