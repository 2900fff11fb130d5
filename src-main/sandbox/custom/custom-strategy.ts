/** What a version of a CustomResourceDefinition asks of its objects. */
import type { AnyObject } from '#common/kube/object';
import type { Resource } from '#common/kube/resource';
import type { CustomResourceDefinitionVersion, JSONSchemaProps } from '#common/kube/types';
import { sameValue } from '#main/sandbox/machinery/same-value';
import type { TypeSchema } from '#main/sandbox/machinery/schema';
import { notSupported, type FieldError } from '#main/sandbox/registry/field-errors';
import { bumpGeneration } from '#main/sandbox/registry/object-state';
import { defineStrategy, type Strategy } from '#main/sandbox/registry/strategy';
import { parseJsonPath } from './json-path';
import { validateRules } from './schema-rules';
import { validateSchema } from './schema-validation';

export interface CustomKind {
  resource: Resource;
  version: CustomResourceDefinitionVersion;
  type: TypeSchema;
}

export function customStrategy({ resource, version, type }: CustomKind): Strategy {
  const schema = version.schema?.openAPIV3Schema ?? {};
  const hasStatus = version.subresources?.status !== undefined;
  const errors = (next: AnyObject, before?: AnyObject): FieldError[] => [
    ...objectErrors(next, schema, before),
    ...scaleErrors(next, version),
  ];
  return defineStrategy({
    resource,
    schema: type,
    countsGenerations: true,
    needsRevision: true,
    keepsStatus: !hasStatus,
    prepareForCreate(draft) {
      if (hasStatus) delete draft['status'];
    },
    validate: errors,
    validateUpdate: errors,
    update: {
      prepare(next, current) {
        // Without a door of its own, the status is a part of what is wanted.
        if (!hasStatus && onlyStatusDiffers(next, current)) bumpGeneration(next);
      },
    },
    subresources: { status: { validate: errors } },
    selectableFields: selectableValues(version),
  });
}

/** The rules in CEL are asked once everything has the right type. */
function objectErrors(next: AnyObject, schema: JSONSchemaProps, before?: AnyObject): FieldError[] {
  const errors = validateSchema(next, schema, '', before);
  return errors.length > 0 ? errors : validateRules(next, schema, before);
}

function onlyStatusDiffers(next: AnyObject, current: AnyObject): boolean {
  if (sameValue(next['status'], current['status'])) return false;
  const keys = new Set([...Object.keys(next), ...Object.keys(current)]);
  return [...keys].every((key) => key === 'status' || key === 'metadata' || sameValue(next[key], current[key]));
}

const MOST_REPLICAS = 2 ** 31 - 1;

function scaleErrors(object: AnyObject, { subresources }: CustomResourceDefinitionVersion): FieldError[] {
  const path = subresources?.scale?.specReplicasPath;
  const [replicas] = (path && parseJsonPath(path)?.(object)) || [];
  if (typeof replicas !== 'number' || (replicas >= 0 && replicas <= MOST_REPLICAS)) return [];
  const body = `Invalid value: ${replicas}: should be a non-negative integer`;
  return [{ reason: 'FieldValueInvalid', field: (path ?? '').slice(1), body }];
}

function selectableValues({ selectableFields = [] }: CustomResourceDefinitionVersion) {
  const paths = selectableFields.map(({ jsonPath }) => ({ label: jsonPath.slice(1), path: parseJsonPath(jsonPath) }));
  return (object: AnyObject): Record<string, string> =>
    Object.fromEntries(paths.map(({ label, path }) => [label, textOf(path?.(object)[0])]));
}

function textOf(value: unknown): string {
  return value === undefined || value === null ? '' : String(value as string | number | boolean);
}

/** A conversion strategy or scope that nobody knows. */
export function oneOf(field: string, value: string, supported: readonly string[]): FieldError[] {
  return supported.includes(value) ? [] : [notSupported(field, value, supported)];
}
