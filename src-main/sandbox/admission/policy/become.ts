import type { AnyObject } from '#common/kube/object';
import type { AdmissionRequest } from '../plugin';

/** The request keeps its object; what the object holds is replaced. */
export function become({ object }: AdmissionRequest, next: AnyObject): void {
  if (!object) return;
  const fields = { ...next };
  for (const field of Object.keys(object)) delete object[field];
  Object.assign(object, fields);
}
