import type { BuiltInResource } from '#main/sandbox/machinery/schema';
import { age } from './age';
import { column, NAME } from './column';
import type { Printer } from './printer';

/** The printer of a resource; name and age for kinds without one. */
export function printerFor(_resource: BuiltInResource): Printer {
  return generic;
}

const generic: Printer = {
  columns: [NAME, column('Age', 'date')],
  cells: ({ metadata }, now) => [metadata.name, age(metadata.creationTimestamp, now)],
};
