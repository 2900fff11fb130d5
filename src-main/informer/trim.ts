import type { KubeObject } from '#common/kube/object';

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/** `object` without managedFields and the last-applied annotation, a third of a typical object; itself when it has neither. */
export function trimmed<T extends KubeObject>(object: T): T {
  const { managedFields, annotations, ...metadata } = object.metadata;
  const hasLastApplied = annotations !== undefined && LAST_APPLIED in annotations;
  if (!managedFields && !hasLastApplied) return object;
  return {
    ...object,
    metadata: annotations ? { ...metadata, annotations: withoutLastApplied(annotations) } : metadata,
  };
}

function withoutLastApplied(annotations: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(annotations).filter(([name]) => name !== LAST_APPLIED));
}
