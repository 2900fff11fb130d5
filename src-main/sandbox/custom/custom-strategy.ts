/** What a version of a CustomResourceDefinition asks of its objects. */
import type { AnyObject } from '#common/kube/object';
import type { Resource } from '#common/kube/resource';
import type { CustomResourceDefinitionVersion, JSONSchemaProps } from '#common/kube/types';
import { sameValue } from '#main/sandbox/machinery/same-value';
import type { TypeSchema } from '#main/sandbox/machinery/schema';
import { notSupported, type FieldError } from '#main/sandbox/registry/field-errors';
import { bumpGeneration } from '#main/sandbox/registry/object-state';
import { defineStrategy, type Strategy } from '#main/sandbox/registry/strategy';
import type { StoredForm } from '#main/sandbox/registry/stored-form';
import { goType, goValue } from './go-values';
import { parseJsonPath } from './json-path';
import { isFields } from './schema-parts';
import { hasRules, validateRules } from './schema-rules';
import { validateSchema } from './schema-validation';

export interface CustomKind {
  resource: Resource;
  version: CustomResourceDefinitionVersion;
  type: TypeSchema;
  form: StoredForm | undefined;
}

export function customStrategy({ resource, version, type, form }: CustomKind): Strategy {
  const schema = version.schema?.openAPIV3Schema ?? {};
  const hasStatus = version.subresources?.status !== undefined;
  const judge = (next: AnyObject, before?: AnyObject): FieldError[] => {
    const { errors, rules } = objectErrors(next, schema, before);
    return [...errors, ...scaleErrors(next, version), ...rules];
  };
  return defineStrategy({
    resource,
    schema: type,
    ...(form ? { form } : {}),
    countsGenerations: true,
    needsRevision: true,
    keepsStatus: !hasStatus,
    prepareForCreate(draft) {
      if (hasStatus) delete draft['status'];
    },
    validate: judge,
    validateUpdate: judge,
    update: {
      prepare(next, current) {
        // Without a door of its own, the status is a part of what is wanted.
        if (!hasStatus && onlyStatusDiffers(next, current)) bumpGeneration(next);
      },
    },
    subresources: { status: { validate: judge } },
    selectableFields: selectableValues(version),
  });
}

interface CustomErrors {
  errors: FieldError[];
  /** The rules in CEL, which are asked once everything has the right shape. */
  rules: FieldError[];
}

const BLOCKING = new Set([
  'FieldValueNotSupported',
  'FieldValueRequired',
  'FieldValueTooLong',
  'FieldValueTooMany',
  'FieldValueTypeInvalid',
]);

const UNCHECKED: FieldError = {
  reason: 'FieldValueInvalid',
  field: '<nil>',
  body: 'Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation',
};

function objectErrors(next: AnyObject, schema: JSONSchemaProps, before?: AnyObject): CustomErrors {
  const errors = validateSchema(next, schema, '', before);
  if (!hasRules(schema)) return { errors, rules: [] };
  const isBlocked = errors.some(({ reason }) => BLOCKING.has(reason));
  return { errors, rules: isBlocked ? [UNCHECKED] : validateRules(next, schema, before) };
}

function onlyStatusDiffers(next: AnyObject, current: AnyObject): boolean {
  if (sameValue(next['status'], current['status'])) return false;
  const keys = new Set([...Object.keys(next), ...Object.keys(current)]);
  return [...keys].every((key) => key === 'status' || key === 'metadata' || sameValue(next[key], current[key]));
}

const MOST_REPLICAS = 2 ** 31 - 1;

function scaleErrors(object: AnyObject, { subresources }: CustomResourceDefinitionVersion): FieldError[] {
  const path = subresources?.scale?.specReplicasPath;
  if (!path) return [];
  const odd = accessProblem(object, path);
  if (odd)
    return [{ reason: 'FieldValueInvalid', field: path, body: `Invalid value: 0: ${path} accessor error: ${odd}` }];
  const [replicas] = parseJsonPath(path)?.(object) ?? [];
  if (typeof replicas !== 'number' || (replicas >= 0 && replicas <= MOST_REPLICAS)) return [];
  const body = `Invalid value: ${replicas}: should be a non-negative integer`;
  return [{ reason: 'FieldValueInvalid', field: path, body }];
}

/** Why nothing can be read at a plain path, in the words of the server's accessors. */
function accessProblem(object: AnyObject, path: string): string | undefined {
  const names = path.split('.').slice(1);
  let value: unknown = object;
  for (const name of names) {
    if (value === undefined) return undefined;
    if (!isFields(value)) return `${goValue(value)} is of the type ${goType(value)}, expected map[string]interface{}`;
    value = value[name];
  }
  if (value === undefined || (typeof value === 'number' && Number.isInteger(value))) return undefined;
  return `${goValue(value)} is of the type ${goType(value)}, expected int64`;
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
