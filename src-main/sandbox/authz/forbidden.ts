import { groupResource } from '#common/kube/resource';
import { failure, type ApiStatusError } from '#common/kube/status-error';
import { resourceText, type AccessAttributes } from './attributes';

/** 403 in the words of apiserver's responsewriters. */
export function accessForbidden(attributes: AccessAttributes, reason: string): ApiStatusError {
  const { group, resource, name } = attributes;
  const why = reason ? `: ${reason}` : '';
  if (attributes.path !== undefined) return failure(403, 'Forbidden', `forbidden: ${subject(attributes)}${why}`, {});
  const about = groupResource({ group, plural: resource });
  const place = name ? `${about} "${name}"` : about;
  return failure(403, 'Forbidden', `${place} is forbidden: ${subject(attributes)}${why}`, {
    ...(name ? { name } : {}),
    ...(group ? { group } : {}),
    kind: resource,
  });
}

function subject(attributes: AccessAttributes): string {
  const { user, verb, path, group, namespace } = attributes;
  const who = `User "${user.name}" cannot ${verb}`;
  if (path !== undefined) return `${who} path "${path}"`;
  const scope = namespace ? `in the namespace "${namespace}"` : 'at the cluster scope';
  return `${who} resource "${resourceText(attributes)}" in API group "${group}" ${scope}`;
}
