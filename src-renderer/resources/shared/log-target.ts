import type { ClusterId, ObjectRef } from '#common/contract/shapes';
import { formatLabels, formatSelector, type LabelSelector } from '#common/kinds/selector';
import type { AnyObject } from '#common/kube/object';

/** Whose log a view shows: Pods by name, or all that a selector finds. */
export interface LogTarget {
  cluster: ClusterId;
  namespace: string;
  /** How the view is called: the name of the Pod or of its workload. */
  title: string;
  pods?: string[];
  labelSelector?: string;
  /** Containers to choose from, where they are known. */
  containers?: string[];
  /** Opened before the object was read: the view reads it for its selector. */
  unread?: ObjectRef;
}

interface PodBearing {
  spec?: {
    containers?: Named[];
    initContainers?: Named[];
    selector?: LabelSelector | Record<string, string>;
    template?: { spec?: { containers?: Named[]; initContainers?: Named[] } };
  };
}

interface Named {
  name: string;
}

/**
 * The log of a Pod, or of all Pods of a workload or Service; undefined for what has no Pods or selects none. Without the object
 * a workload's Pods are not known yet, which the view makes up for.
 */
export function logTargetOf(target: ObjectRef, object: AnyObject | undefined): LogTarget | undefined {
  const base = { cluster: target.cluster, namespace: target.namespace ?? '', title: target.name };
  const { spec } = (object ?? {}) as PodBearing;
  if (target.resource.plural === 'pods') return { ...base, pods: [target.name], ...containersIn(spec) };
  if (!object) return { ...base, unread: target };
  const labelSelector = selectorOf(target, spec?.selector);
  return labelSelector ? { ...base, labelSelector, ...containersIn(spec?.template?.spec) } : undefined;
}

function containersIn(spec: { containers?: Named[]; initContainers?: Named[] } | undefined): { containers?: string[] } {
  const names = [...(spec?.containers ?? []), ...(spec?.initContainers ?? [])].map(({ name }) => name);
  return names.length > 0 ? { containers: names } : {};
}

/** Services and ReplicationControllers have a plain map of labels, everything else a LabelSelector. */
function selectorOf(
  { resource }: ObjectRef,
  selector: LabelSelector | Record<string, string> | undefined,
): string | undefined {
  if (!selector || Object.keys(selector).length === 0) return undefined;
  const plain = resource.group === '';
  return plain ? formatLabels(selector as Record<string, string>) : formatSelector(selector as LabelSelector);
}
