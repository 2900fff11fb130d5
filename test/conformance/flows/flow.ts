import type { AnyObject } from '#common/kube/object';
import type { Usage } from './metrics';

/** An object as a person writes it. Without a namespace it is in the flow's own. */
export type Manifest = {
  apiVersion: string;
  kind: string;
  metadata: { name: string } & Record<string, unknown>;
} & Record<string, unknown>;

/** `deployments/web`, by plural and name; a kind of another group than the usual one as `events.events.k8s.io/x`. */
export type Ref = string;

/** Fields by path: `spec.replicas`, `status.conditions[Available].status`. `undefined` is an absent field. */
export type Fields = Readonly<Record<string, unknown>>;

/**
 * What happens to a cluster, as data: both clusters go through the same. In names and manifests `{ns}` is the namespace of the
 * flow, `{uid:configmaps/NAMESPACE/NAME}` the uid of an object that is there, `{only:secrets}` the name that was kept.
 */
export type FlowStep =
  | { create: Manifest }
  /** A JSON merge patch. */
  | { patch: Ref; with: object; subresource?: string }
  | { remove: Ref; policy?: 'Foreground' | 'Background' | 'Orphan' }
  /** Waits until the object has the fields. */
  | { until: Ref; has: Fields }
  | { gone: Ref }
  /** Waits until so many of the selected Pods have the fields. */
  | { pods: string; are?: Fields; count: number }
  /** One by one makes so many of the selected Pods ready, those with the first names; the cluster comes to rest after each. */
  | { ready: string; count: number }
  /** Patches the status of one of the selected Pods that have the fields. */
  | { pod: string; are?: Fields; status: object }
  /** Removes one of the selected Pods that have the fields. */
  | { removePod: string; are?: Fields }
  /** Removes every object of a kind, by its plural. */
  | { removeAll: string; policy?: 'Foreground' | 'Background' | 'Orphan' }
  /** Says what the first so many of the selected Pods use, all unless given; nothing is known of others then. */
  | { measured: string; first?: number; usage: Usage }
  /** Keeps the name of the only object of a kind, by its plural, for later steps: `{only:PLURAL}`. */
  | { keepOnly: string }
  /** Waits until nothing is written in the namespace for a while. */
  | { quiet: true }
  /** Lets time of the cluster pass. */
  | { pass: number }
  /** Notes the state of the namespace under this name; kinds that are not noted anyway by their plurals. */
  | { note: string; also?: readonly string[] };

export interface Flow {
  /** `deployments/surge-2-0`: names its recording. */
  name: string;
  /** It changes nodes that others use: nothing else runs meanwhile. */
  alone?: boolean;
  steps: readonly FlowStep[];
}

/** A field by its path; in lists an entry is named by its `type` or `name`, or by its number. Keys with dots stand as `['a.b']`. */
export function fieldOf(object: unknown, path: string): unknown {
  const keys = [...path.matchAll(/\['([^']+)'\]|([^.[\]]+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
  return keys.reduce<unknown>((part, key) => {
    if (!Array.isArray(part)) return (part as Record<string, unknown> | undefined)?.[key];
    const named = part as { type?: string; name?: string }[];
    return named.find(({ type, name }) => type === key || name === key) ?? part[Number(key)];
  }, object);
}

export function hasFields(object: AnyObject | undefined, fields: Fields = {}): boolean {
  if (!object) return false;
  return Object.entries(fields).every(
    ([path, wanted]) => JSON.stringify(fieldOf(object, path)) === JSON.stringify(wanted),
  );
}
