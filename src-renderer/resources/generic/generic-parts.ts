import type { AnyObject } from '#common/kube/object';

export interface GenericPart {
  name: string;
  title: 'spec' | 'status' | 'fields';
  value: unknown;
}

/** What there is to show of an object nobody knows: status (without its conditions), spec, and every other field. */
export function genericParts(object: AnyObject): GenericPart[] {
  const { apiVersion: _a, kind: _k, metadata: _m, spec, status, ...rest } = object;
  const { conditions: _c, ...shownStatus } = (status ?? {}) as Record<string, unknown>;
  const parts: GenericPart[] = [
    { name: 'status', title: 'status', value: shownStatus },
    { name: 'spec', title: 'spec', value: spec },
    { name: 'fields', title: 'fields', value: rest },
  ];
  return parts.filter(({ value }) => !isEmpty(value));
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || (typeof value === 'object' && Object.keys(value).length === 0);
}
