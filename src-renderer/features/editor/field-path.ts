/** One step into an object: a key of a map, a place in a list, or the item of a list whose fields have these values. */
export type FieldStep = string | number | Readonly<Record<string, string | number>>;

/**
 * Reads a field as the API server names it: `spec.containers[0].image` and `metadata.labels[a.b/c]` in the causes of an Invalid
 * answer, `.spec.containers[name="web"].ports[containerPort=80,protocol="TCP"]` in the conflicts of an apply.
 */
export function parseFieldPath(path: string): FieldStep[] {
  const steps: FieldStep[] = [];
  const token = /\.?([^.[\]]+)|\[("(?:[^"\\]|\\.)*"|(?:[^\]"]|"(?:[^"\\]|\\.)*")*)\]/gy;
  for (let match = token.exec(path); match; match = token.exec(path)) {
    if (match[1] !== undefined) steps.push(match[1]);
    else steps.push(bracketed(match[2] ?? ''));
    if (token.lastIndex >= path.length) break;
  }
  return steps;
}

function bracketed(inside: string): FieldStep {
  if (/^\d+$/.test(inside)) return Number(inside);
  const pairs = [...inside.matchAll(/(\w+)=("(?:[^"\\]|\\.)*"|[^,]+)/g)];
  if (pairs.length === 0 || !inside.startsWith(pairs[0]?.[1] ?? '\0')) return unquoted(inside);
  return Object.fromEntries(pairs.map(([, key = '', value = '']) => [key, valueOf(value)]));
}

function valueOf(text: string): string | number {
  return /^-?\d+$/.test(text) ? Number(text) : unquoted(text);
}

function unquoted(text: string): string {
  if (!text.startsWith('"')) return text;
  try {
    return String(JSON.parse(text));
  } catch {
    return text;
  }
}
