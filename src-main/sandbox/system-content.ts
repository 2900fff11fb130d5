/** What kubeadm and the usual add-ons leave in a new cluster, filled with the facts of this one. */
import type { AnyObject } from '#common/kube/object';
import type { Pod } from '#common/kube/types';
import addOns from '#resources/system/add-ons.json';
import kubeadm from '#resources/system/kubeadm.json';
import staticPods from '#resources/system/static-pods.json';

/** The `{{word}}`s of `resources/system`. */
export interface SystemFacts {
  cluster: string;
  /** The control plane's node and its address. */
  node: string;
  ip: string;
  /** `v1.36.4` */
  version: string;
  /** The certificate of the cluster's authority, base64 of its PEM. */
  ca: string;
}

/** In the order in which they are made. */
export function systemObjects(facts: SystemFacts): AnyObject[] {
  return filled([...kubeadm, ...addOns] as unknown as AnyObject[], facts);
}

/** The manifests that kubeadm puts on the control plane's node. */
export function staticPodManifests(facts: Omit<SystemFacts, 'ca'>): Pod[] {
  return filled(staticPods as unknown as Pod[], facts);
}

function filled<T>(objects: T, facts: Partial<SystemFacts>): T {
  const text = JSON.stringify(objects);
  return JSON.parse(
    text.replaceAll(/\{\{(\w+)\}\}/g, (whole, word: string) => facts[word as keyof SystemFacts] ?? whole),
  ) as T;
}
