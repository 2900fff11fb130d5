/** How Go prints values that came as JSON: its `%v` and `%T`. */

export const goValue = (value: unknown): string =>
  value === null ? '<nil>' : String(value as string | number | boolean);

export function goType(value: unknown): string {
  if (value === null || value === undefined) return '<nil>';
  if (Array.isArray(value)) return '[]interface {}';
  if (typeof value === 'object') return 'map[string]interface {}';
  if (typeof value === 'number') return Number.isInteger(value) ? 'int64' : 'float64';
  return typeof value === 'boolean' ? 'bool' : 'string';
}
