import type { Component } from 'vue';
import type { EventEntry, RelatedObject } from '#common/contract/objects';
import type { ObjectRef } from '#common/contract/shapes';
import type { AnyObject } from '#common/kube/object';

/** What the sections of a kind are given. `object` is replaced as it changes, never edited. */
export interface SummaryProps {
  object: AnyObject;
  target: ObjectRef;
  events: readonly EventEntry[];
  related: readonly RelatedObject[];
}

export type ActionName = 'logs' | 'shell' | 'forward' | 'scale' | 'restart' | 'edit' | 'delete';

/** How one kind is shown: the sections of its summary, and what can be done to it. */
export interface KindView {
  summary: Component;
  actions: readonly ActionName[];
}
