/** RFC 7386, as `application/merge-patch+json` means it. */
import type { TypeSchema } from '../schema';
import { patchObject } from './patch-errors';

type Fields = Record<string, unknown>;

/** The object after the patch; `current` is not edited, and what the patch does not name is shared. Throws 400. */
export function applyMergePatch<T extends object>(current: T, patch: unknown, _schema?: TypeSchema): T {
  return merge(current, patchObject(patch, 'error decoding patch: ')) as T;
}

function merge(current: unknown, patch: Fields): Fields {
  const next: Fields = isFields(current) ? { ...current } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete next[key];
    else next[key] = isFields(value) ? merge(next[key], value) : value;
  }
  return next;
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
