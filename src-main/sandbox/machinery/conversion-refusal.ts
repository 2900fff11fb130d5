/** What the server says of a patched object that does not fit its Go type: it converts maps then, it decodes no JSON. */
import type { ScalarName, ValueSchema } from './schema';

/** The converter's words for `value` in a place of `type`; undefined where the type has a decoder of its own. */
export function conversionRefusal(value: unknown, type: ValueSchema): string | undefined {
  const found = kindOf(value);
  if (type.shape === 'map') return `cannot restore map from ${found}`;
  if (type.shape === 'list') return `cannot restore slice from ${found}`;
  if (type.shape === 'struct') return `cannot restore struct from: ${found}`;
  if (type.scalar === 'bytes') return `cannot restore slice from ${found}`;
  const wanted = PLAIN[type.scalar];
  if (!wanted) return undefined;
  // Numbers convert to other numbers and, as code points, to strings: Go would let them, JSON does not.
  const isConvertible = typeof value === 'number' && (wanted !== 'string' || found === 'int64') && wanted !== 'bool';
  return isConvertible ? `cannot convert ${found} to ${type.goType}` : `unrecognized type: ${wanted}`;
}

/** Go's kinds of the types without a decoder of their own. */
const PLAIN: Partial<Record<ScalarName, string>> = {
  string: 'string',
  bool: 'bool',
  int32: 'int32',
  int64: 'int64',
  uint32: 'uint32',
  uint64: 'uint64',
  double: 'float64',
};

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'slice';
  if (typeof value === 'number') return Number.isInteger(value) ? 'int64' : 'float64';
  if (typeof value === 'boolean') return 'bool';
  return typeof value === 'string' ? 'string' : 'map';
}
