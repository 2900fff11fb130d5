/** What classes of storage have in common: who makes the volumes, and what he is told. */
import { invalidValue, required, tooLong, type FieldError } from '../field-errors';
import { qualifiedName } from '../names';
import { checkName } from '../value-rules';

const MOST = 512;
const MOST_BYTES = 256 * 1024;

export function checkProvisioner(name: string | undefined, path: string, into: FieldError[]): void {
  if (!name) into.push(required(path));
  else checkName(name.toLowerCase(), qualifiedName, path, into);
}

export function checkParameters(
  parameters: Readonly<Record<string, string>> | undefined,
  isNeeded: boolean,
  path: string,
  into: FieldError[],
): void {
  const entries = Object.entries(parameters ?? {});
  if (entries.length > MOST) {
    into.push(tooLong(path, MOST));
    return;
  }
  let size = 0;
  for (const [key, value] of entries) {
    if (key === '') into.push(invalidValue(path, key, 'field can not be empty.'));
    size += Buffer.byteLength(key) + Buffer.byteLength(value);
  }
  if (size > MOST_BYTES) into.push(tooLong(path, MOST_BYTES));
  if (isNeeded && entries.length === 0) into.push(required(path, 'must contain at least one key/value pair'));
}
