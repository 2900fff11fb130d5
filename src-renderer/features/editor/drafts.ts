import { shallowReactive } from 'vue';
import { defineStore } from 'pinia';
import type { ObjectRef } from '#common/contract/shapes';
import { refKey } from '#renderer/resources/shared/object-refs';

/** An edit that is not saved: what it began from, and what it says now. */
export interface Draft {
  base: string;
  text: string;
}

export interface DraftStore {
  find(target: ObjectRef): Draft | undefined;
  keep(target: ObjectRef, draft: Draft): void;
  drop(target: ObjectRef): void;
}

/** Unsaved edits by object, so that nothing typed is lost when another object is looked at. They end with the window. */
export const useDraftStore = defineStore('drafts', () => {
  const drafts = shallowReactive(new Map<string, Draft>());

  function find(target: ObjectRef): Draft | undefined {
    return drafts.get(refKey(target));
  }

  function keep(target: ObjectRef, draft: Draft): void {
    drafts.set(refKey(target), draft);
  }

  function drop(target: ObjectRef): void {
    drafts.delete(refKey(target));
  }

  return { find, keep, drop };
});
