/** Rules of paths in volumes and mounts. */
import { invalidValue, type FieldError } from '../field-errors';

export function checkNoBacksteps(path: string, field: string, into: FieldError[]): void {
  if (path.includes('..') && path.split('/').includes('..'))
    into.push(invalidValue(field, path, "must not contain '..'"));
}

/** Relative, and never upwards. */
export function checkDescendingPath(path: string, field: string, into: FieldError[]): void {
  if (path.startsWith('/')) into.push(invalidValue(field, path, 'must be a relative path'));
  checkNoBacksteps(path, field, into);
}

/** As `checkDescendingPath`, and not one of the names that a volume keeps for itself. */
export function checkLocalPath(path: string, field: string, into: FieldError[]): void {
  checkDescendingPath(path, field, into);
  if (path.startsWith('..') && !path.startsWith('../'))
    into.push(invalidValue(field, path, "must not start with '..'"));
}

export function checkMode(mode: number | undefined, field: string, into: FieldError[]): void {
  if (mode !== undefined && (mode < 0 || mode > 0o777))
    into.push(invalidValue(field, mode, 'must be a number between 0 and 0777 (octal), both inclusive'));
}
