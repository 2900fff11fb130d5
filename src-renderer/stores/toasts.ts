import { defineStore } from 'pinia';
import { shallowRef } from 'vue';
import type { Tone } from '#common/contract/shapes';

export interface Toast {
  id: number;
  text: string;
  tone: Tone;
  action?: { text: string; run: () => void };
}

const SHOWN_MS = 6000;

/** What is said in passing; a failure stays until it is dismissed. */
export const useToastsStore = defineStore('toasts', () => {
  const list = shallowRef<readonly Toast[]>([]);
  let lastId = 0;

  function say(toast: Omit<Toast, 'id'>): void {
    const id = ++lastId;
    list.value = [...list.value.slice(-3), { ...toast, id }];
    if (toast.tone !== 'bad') setTimeout(() => dismiss(id), SHOWN_MS);
  }

  function dismiss(id: number): void {
    list.value = list.value.filter((toast) => toast.id !== id);
  }

  return { list, say, dismiss };
});
