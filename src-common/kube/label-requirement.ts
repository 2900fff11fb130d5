/** One requirement of a selector, of labels (meta/v1) or of nodes (core/v1, which also knows `Gt` and `Lt`). */
interface Requirement {
  key: string;
  operator: string;
  values?: readonly string[];
}

/** An absent label is not in any list. An unknown operator matches nothing. */
export function meetsRequirement(
  { key, operator, values = [] }: Requirement,
  labels: Readonly<Record<string, string>>,
): boolean {
  const value = labels[key];
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    case 'Gt':
      return value !== undefined && Number(value) > Number(values[0]);
    case 'Lt':
      return value !== undefined && Number(value) < Number(values[0]);
    default:
      return false;
  }
}
