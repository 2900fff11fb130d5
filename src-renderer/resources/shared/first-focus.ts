import type { Directive } from 'vue';

/**
 * `v-first-focus`: where the focus of a dialog begins. The dialog itself takes the focus as it opens, so this waits until that is
 * done.
 */
export const vFirstFocus: Directive<HTMLElement> = {
  mounted(element) {
    setTimeout(() => {
      if (!element.isConnected) return;
      element.focus();
      if (element instanceof HTMLInputElement) element.select();
    }, 0);
  },
};
