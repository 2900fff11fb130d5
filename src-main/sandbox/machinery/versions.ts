/** Objects of a kind whose versions have fields of their own, as those of owners who write in several of them. */
import type { AnyObject } from '#common/kube/object';
import { unforeseen } from '#common/kube/status-error';
import { withManagedFields, type Differences } from './managed-fields';
import type { TypeSchema } from './schema';
import { compareFields, type Difference } from './typed-compare';
import { problemsOf } from './typed-set';
import type { Fields } from './typed-values';

export interface Versions {
  /** Their names, as they were declared: `v1`. */
  readonly all: readonly string[];
  /** Undefined for a version that there is not. */
  schema(apiVersion: string): TypeSchema | undefined;
  /** The object in another version. Rejects with ApiStatusError. */
  convert(object: AnyObject, apiVersion: string): AnyObject | Promise<AnyObject>;
}

/** An object in one version, and what that version knows of it. */
export interface Versioned {
  object: Fields;
  schema: TypeSchema;
}

/** Throws ApiStatusError for versions that there are not, and for fields that they do not have. */
export async function inVersion(object: Fields, apiVersion: string, versions: Versions): Promise<Versioned> {
  const schema = versions.schema(apiVersion);
  if (!schema) throw unforeseen(`request to convert CR to an invalid group/version: ${apiVersion}`);
  const converted: Fields = await versions.convert(object as AnyObject, apiVersion);
  const [problem] = problemsOf(converted, schema);
  if (problem !== undefined) throw unforeseen(problem);
  return { object: converted, schema };
}

/** What a write changes in each of these versions. */
export async function changesIn(
  apiVersions: readonly string[],
  { before, next }: { before: Fields; next: Fields },
  versions: Versions,
): Promise<Differences> {
  const changes = new Map<string, Difference>();
  for (const apiVersion of apiVersions) {
    const [{ object, schema }, after] = await Promise.all([
      inVersion(withManagedFields(before, []), apiVersion, versions),
      inVersion(withManagedFields(next, []), apiVersion, versions),
    ]);
    changes.set(apiVersion, compareFields(object, after.object, schema));
  }
  return changes;
}
