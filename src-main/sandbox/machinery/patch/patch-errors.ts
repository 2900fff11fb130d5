/** The refusals that patches have in common, in the words of the server. */
import { failure, unforeseen, type ApiStatusError } from '#common/kube/status-error';
import { goKind } from '../scalars';

/** 400: the patch is not what its content type says. */
export function badPatch(message: string): ApiStatusError {
  return failure(400, 'BadRequest', message);
}

/** 422: the patch is well-formed but does not fit the object; real servers give no details. */
export function unprocessablePatch(): ApiStatusError {
  return failure(422, 'Invalid', 'the server rejected our request due to an error in our request', {});
}

/** 422: the patched object has fields that are unknown or of the wrong type. `value` is what the server prints of it. */
export function invalidPatch(value: string, detail: string): ApiStatusError {
  const message = `Invalid value: ${JSON.stringify(value)}: ${detail}`;
  return failure(422, 'Invalid', ` "" is invalid: patch: ${message}`, {
    causes: [{ reason: 'FieldValueInvalid', message, field: 'patch' }],
  });
}

/** 500: what the server does not expect of a patch. */
export const patchFailed = (message: string): ApiStatusError => unforeseen(message);

/** A patch that must be an object; `prefix` stands before the words that refuse others. */
export function patchObject(patch: unknown, prefix = ''): Record<string, unknown> {
  if (typeof patch === 'object' && patch !== null && !Array.isArray(patch)) return patch as Record<string, unknown>;
  throw badPatch(`${prefix}json: cannot unmarshal ${goKind(patch)} into Go value of type map[string]interface {}`);
}
