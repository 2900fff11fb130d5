import { inject, type InjectionKey } from 'vue';
import type { Protection } from '#common/contract/clusters';
import type { PilothouseApi } from '#common/contract/contract';
import type { ClusterId, ObjectRef, Tone } from '#common/contract/shapes';
import type { AnyObject } from '#common/kube/object';
import type { ActionName } from './kind-view';

export interface Notice {
  text: string;
  tone: Tone;
  action?: { text: string; run: () => void };
}

/** What a view of an object may ask of the window around it. The composition root provides it. */
export interface Desk {
  readonly api: PilothouseApi;
  /** Shows an object in the detail panel. */
  openObject(target: ObjectRef): void;
  /** Opens what an action needs: a dock panel, a dialog, a tab. */
  act(action: ActionName, target: ObjectRef, object?: AnyObject): void;
  clusterName(cluster: ClusterId): string;
  protectionOf(cluster: ClusterId): Protection;
  /** Says something in passing. */
  say(notice: Notice): void;
  /** False when the system did not let it. */
  copy(text: string): Promise<boolean>;
  openExternal(url: string): void;
  saveFile(name: string, text: string): void;
  /** `Mod+S` as this system writes it: `Ctrl+S`, `⌘S`. */
  keyText(keys: string): string;
}

export const deskKey: InjectionKey<Desk> = Symbol('desk');

export function useDesk(): Desk {
  const desk = inject(deskKey);
  if (!desk) throw new Error('no desk is provided');
  return desk;
}
