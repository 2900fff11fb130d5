/** The refusals of apimachinery's api/errors, with their texts. */
import type { ApiStatusError } from '#common/kube/status-error';
import { failure } from '#common/kube/status-error';
import { groupResource } from '#common/kube/resource';
import { causeOf, textOf, type FieldError } from './field-errors';

/** How errors name a resource. */
export interface NamedResource {
  group: string;
  plural: string;
}

export function notFound(resource: NamedResource, name: string): ApiStatusError {
  return failure(404, 'NotFound', `${groupResource(resource)} "${name}" not found`, detailsOf(resource, name));
}

export function alreadyExists(resource: NamedResource, name: string): ApiStatusError {
  return failure(
    409,
    'AlreadyExists',
    `${groupResource(resource)} "${name}" already exists`,
    detailsOf(resource, name),
  );
}

/** Eight generated names in a row were taken. */
export function cannotGenerateName(resource: NamedResource, name: string): ApiStatusError {
  const text = `${groupResource(resource)} "${name}" already exists, the server was not able to generate a unique name for the object`;
  return failure(409, 'AlreadyExists', text, { ...detailsOf(resource, name), retryAfterSeconds: 1 });
}

export function conflict(resource: NamedResource, name: string, why: string): ApiStatusError {
  const text = `Operation cannot be fulfilled on ${groupResource(resource)} "${name}": ${why}`;
  return failure(409, 'Conflict', text, detailsOf(resource, name));
}

export function modifiedMeanwhile(resource: NamedResource, name: string): ApiStatusError {
  const why = 'the object has been modified; please apply your changes to the latest version and try again';
  return conflict(resource, name, why);
}

export function forbidden(resource: NamedResource, name: string, why: string): ApiStatusError {
  const subject = name ? `${groupResource(resource)} "${name}"` : groupResource(resource);
  return failure(403, 'Forbidden', `${subject} is forbidden: ${why}`, detailsOf(resource, name));
}

export function badRequest(message: string): ApiStatusError {
  return failure(400, 'BadRequest', message);
}

export function internalError(message: string): ApiStatusError {
  return failure(500, 'InternalError', `Internal error occurred: ${message}`, { causes: [{ message }] });
}

export function methodNotSupported(resource: NamedResource, verb: string): ApiStatusError {
  const text = `${verb} is not supported on resources of kind "${groupResource(resource)}"`;
  return failure(405, 'MethodNotAllowed', text, { group: resource.group, kind: resource.plural });
}

/** 422: the object breaks rules of its kind. */
export function invalid(
  kind: { group: string; kind: string },
  name: string,
  errors: readonly FieldError[],
): ApiStatusError {
  // Rules that are applied twice tell of one thing once, but count as two causes.
  const texts = [...new Set(errors.map(textOf))];
  const subject = kind.group ? `${kind.kind}.${kind.group}` : kind.kind;
  const list = texts.length === 1 ? texts[0] : `[${texts.join(', ')}]`;
  return failure(422, 'Invalid', `${subject} "${name}" is invalid: ${list}`, {
    ...(name ? { name } : {}),
    ...(kind.group ? { group: kind.group } : {}),
    ...(kind.kind ? { kind: kind.kind } : {}),
    causes: errors.map(causeOf),
  });
}

function detailsOf({ group, plural }: NamedResource, name: string) {
  return { ...(name ? { name } : {}), ...(group ? { group } : {}), kind: plural };
}
