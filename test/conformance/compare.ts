/** One place where two answers or states differ; `path` as `body.spec.ports[0].name`. */
export interface Difference {
  path: string;
  expected: unknown;
  found: unknown;
}

/** Field by field; what one of them has and the other has not is a difference too. */
export function differences(expected: unknown, found: unknown): Difference[] {
  const result: Difference[] = [];
  compare(expected, found, '', result);
  return result;
}

function compare(expected: unknown, found: unknown, path: string, result: Difference[]): void {
  if (Object.is(expected, found)) return;
  if (Array.isArray(expected) && Array.isArray(found)) {
    const longest = Math.max(expected.length, found.length);
    for (let index = 0; index < longest; index++) compare(expected[index], found[index], `${path}[${index}]`, result);
  } else if (isObject(expected) && isObject(found)) {
    for (const key of new Set([...Object.keys(expected), ...Object.keys(found)]))
      compare(expected[key], found[key], path === '' ? key : `${path}.${key}`, result);
  } else {
    result.push({ path, expected, found });
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
