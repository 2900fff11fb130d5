/** The rules of access reviews, with the texts of authorization's validation. */
import type { AnyObject } from '#common/kube/object';
import type { NonResourceAttributes, ResourceAttributes } from '#common/kube/types';
import { forbiddenField, invalidValue, must, required, type FieldError } from '#main/sandbox/registry/field-errors';
import { qualifiedName } from '#main/sandbox/registry/names';

/** What every review asks about. */
export interface AccessSpec {
  resourceAttributes?: ResourceAttributes;
  nonResourceAttributes?: NonResourceAttributes;
}

interface Subject {
  user?: string;
  groups?: readonly string[];
}

const RESOURCE = 'spec.resourceAttributes';

export function attributeErrors({ resourceAttributes, nonResourceAttributes }: AccessSpec): FieldError[] {
  const errors: FieldError[] = [];
  if (resourceAttributes && nonResourceAttributes) {
    const detail = 'cannot be specified in combination with resourceAttributes';
    errors.push(invalidValue('spec.nonResourceAttributes', internal(nonResourceAttributes), detail));
  }
  if (!resourceAttributes && !nonResourceAttributes) {
    const detail = 'exactly one of nonResourceAttributes or resourceAttributes must be specified';
    errors.push(invalidValue(RESOURCE, null, detail));
  }
  return errors;
}

export function subjectErrors({ user = '', groups = [] }: Subject): FieldError[] {
  return must(user !== '' || groups.length > 0, () =>
    invalidValue('spec.user', user, 'at least one of user or group must be specified'),
  );
}

export function selectorErrors({ resourceAttributes }: AccessSpec): FieldError[] {
  const { fieldSelector, labelSelector } = resourceAttributes ?? {};
  return [
    ...(fieldSelector ? eachRequirement(fieldSelector, `${RESOURCE}.fieldSelector`, fieldKeyErrors) : []),
    ...(labelSelector ? eachRequirement(labelSelector, `${RESOURCE}.labelSelector`, labelKeyErrors) : []),
  ];
}

/** Reviews have no names; who wrote them is not looked at. */
export function metadataErrors({ metadata }: AnyObject, detail: string): FieldError[] {
  const { managedFields: _managed, namespace: _namespace, ...rest } = metadata;
  return must(Object.keys(rest).length === 0, () => invalidValue('metadata', shownMetadata(metadata), detail));
}

/** In the order of the server's own struct. */
function shownMetadata({ name, generateName, managedFields, ...rest }: AnyObject['metadata']): object {
  const { namespace: _namespace, ...others } = rest;
  const entries = managedFields?.map(({ manager, operation, apiVersion, time, fieldsType, fieldsV1, subresource }) => ({
    manager,
    operation,
    apiVersion,
    time,
    fieldsType,
    fieldsV1: sorted(fieldsV1),
    subresource,
  }));
  return { name: name || undefined, generateName: generateName || undefined, ...others, managedFields: entries };
}

function sorted(fields: unknown): unknown {
  if (typeof fields !== 'object' || fields === null) return fields;
  const entries = Object.entries(fields).sort(([left], [right]) => (left < right ? -1 : 1));
  return Object.fromEntries(entries.map(([key, inner]) => [key, sorted(inner)]));
}

/** A local review asks about its own namespace only. */
export function localErrors(spec: AccessSpec, namespace: string): FieldError[] {
  const { resourceAttributes, nonResourceAttributes } = spec;
  const asked = resourceAttributes?.namespace ?? '';
  return [
    ...must(!resourceAttributes || asked === namespace, () =>
      invalidValue(`${RESOURCE}.namespace`, asked, 'must match metadata.namespace'),
    ),
    ...(nonResourceAttributes
      ? [
          invalidValue(
            'spec.nonResourceAttributes',
            internal(nonResourceAttributes),
            'disallowed on this kind of request',
          ),
        ]
      : []),
  ];
}

/** Errors show the struct of the server itself, which has no names of JSON. */
const internal = ({ path = '', verb = '' }: NonResourceAttributes) => ({ Path: path, Verb: verb });

interface Requirement {
  key: string;
  operator: string;
  values?: readonly string[];
}

interface Selector {
  rawSelector?: string;
  requirements?: readonly Requirement[];
}

function eachRequirement(
  { rawSelector = '', requirements = [] }: Selector,
  path: string,
  rules: (requirement: Requirement, path: string) => FieldError[],
): FieldError[] {
  return [
    ...must(!rawSelector || requirements.length === 0, () =>
      invalidValue(`${path}.rawSelector`, rawSelector, 'may not specified at the same time as requirements'),
    ),
    ...must(rawSelector !== '' || requirements.length > 0, () =>
      required(`${path}.requirements`, `when ${path} is specified, requirements or rawSelector is required`),
    ),
    ...requirements.flatMap((one, at) => rules(one, `${path}.requirements[${at}]`)),
  ];
}

function fieldKeyErrors(requirement: Requirement, path: string): FieldError[] {
  return [
    ...must(requirement.key !== '', () => required(`${path}.key`, 'must be specified')),
    ...valueErrors(requirement, path),
  ];
}

function labelKeyErrors(requirement: Requirement, path: string): FieldError[] {
  return [
    ...valueErrors(requirement, path),
    ...qualifiedName(requirement.key).map((text) => invalidValue(`${path}.key`, requirement.key, text)),
  ];
}

/** Operators of newer clients are let through. */
function valueErrors({ operator, values = [] }: Requirement, path: string): FieldError[] {
  if ((operator === 'In' || operator === 'NotIn') && values.length === 0) {
    return [required(`${path}.values`, "must be specified when `operator` is 'In' or 'NotIn'")];
  }
  if ((operator === 'Exists' || operator === 'DoesNotExist') && values.length > 0) {
    return [forbiddenField(`${path}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'")];
  }
  return [];
}
