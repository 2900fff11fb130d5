import type { AnyObject } from '#common/kube/object';
import type { Event } from '#common/kube/types';
import type { DescribeWriter } from './describe-writer';
import { writeEvents } from './events';
import { writeIdentity } from './metadata';

/** Told at the top already, or of no use to a reader. */
const skipped: ReadonlySet<string> = new Set([
  '.metadata.managedFields',
  '.metadata.name',
  '.metadata.namespace',
  '.metadata.labels',
  '.metadata.annotations',
]);

/** Any object: its fields by name, with words for labels, as kubectl describes what it has no describer for. */
export function describeGeneric(
  writer: DescribeWriter,
  object: AnyObject,
  events: Event[] | undefined,
  now: number,
): void {
  writeIdentity(writer, object);
  writeContent(writer, 0, object, '');
  writeEvents(writer, events, now);
}

function writeContent(writer: DescribeWriter, level: number, content: object, path: string): void {
  for (const [field, value] of Object.entries(content).toSorted(([left], [right]) => (left < right ? -1 : 1))) {
    const place = `${path}.${field}`;
    if (skipped.has(place)) continue;
    if (Array.isArray(value)) {
      writer.line(level, `${labelFor(field)}:`);
      for (const item of value as unknown[]) {
        if (isMap(item)) writeContent(writer, level + 1, item, place);
        else writer.line(level + 1, scalar(item));
      }
    } else if (isMap(value)) {
      writer.line(level, `${labelFor(field)}:`);
      writeContent(writer, level + 1, value, place);
    } else writer.field(level, labelFor(field), scalar(value));
  }
}

function isMap(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** As Go prints a value: `<nil>` for null, large floats with an exponent. */
function scalar(value: unknown): string {
  if (value === null) return '<nil>';
  if (Array.isArray(value)) return `[${value.map(scalar).join(' ')}]`;
  return String(value);
}

const acronyms: ReadonlySet<string> = new Set(['API', 'URL', 'UID', 'OSB', 'GUID']);

/** `creationTimestamp` reads `Creation Timestamp`; names with other characters than letters and dashes stay. */
function labelFor(field: string): string {
  if (/[^\p{L}-]/u.test(field)) return field;
  const words = field.match(/\p{Lu}+(?!\p{Ll})|\p{Lu}?\p{Ll}+|\p{Lu}|-+/gu) ?? [field];
  return words
    .map((word) =>
      acronyms.has(word.toUpperCase()) ? word.toUpperCase() : word.charAt(0).toUpperCase() + word.slice(1),
    )
    .join(' ');
}
