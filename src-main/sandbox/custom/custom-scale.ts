/** Where a custom resource keeps what its `scale` subresource shows. */
import type { AnyObject } from '#common/kube/object';
import type { CustomResourceSubresourceScale } from '#common/kube/types';
import { parseJsonPath } from './json-path';
import { isFields, type Fields } from './schema-parts';

export interface ScaleValues {
  replicas: number;
  statusReplicas: number;
  selector: string;
}

export function scaleValues(object: AnyObject, paths: CustomResourceSubresourceScale): ScaleValues {
  const at = (path: string | undefined): unknown => (path ? parseJsonPath(path)?.(object)[0] : undefined);
  const selector = at(paths.labelSelectorPath);
  return {
    replicas: Number(at(paths.specReplicasPath) ?? 0),
    statusReplicas: Number(at(paths.statusReplicasPath) ?? 0),
    selector: typeof selector === 'string' ? selector : '',
  };
}

/** A copy with other replicas; the rest is shared. Paths of replicas are plain: `.spec.workers.replicas`. */
export function withReplicas<T extends AnyObject>(
  object: T,
  { specReplicasPath }: CustomResourceSubresourceScale,
  replicas: number,
): T {
  return replaced(object, specReplicasPath.split('.').slice(1), replicas) as T;
}

function replaced(value: unknown, [name, ...rest]: string[], replicas: number): unknown {
  if (name === undefined) return replicas;
  const fields: Fields = isFields(value) ? value : {};
  return { ...fields, [name]: replaced(fields[name], rest, replicas) };
}
