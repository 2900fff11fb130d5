/** Paths and queries as Go's net/url writes them again after it has read them. */

/** `/a%2Fb c` -> `/a/b%20c`: escapes are read, and only what must be is escaped. */
export function goPath(path: string): string {
  return escaped(decoded(path)).replaceAll(/%(?:24|26|2B|2C|2F|3A|3B|3D|40)/g, decodeURIComponent);
}

/** Sorted by name; values of one name stay in their order. */
export function goQuery(query: URLSearchParams): string {
  const pairs = [...query].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return pairs.map(([name, value]) => `${queryPart(name)}=${queryPart(value)}`).join('&');
}

const queryPart = (words: string): string => escaped(words).replaceAll('%20', '+');

function escaped(words: string): string {
  return encodeURIComponent(words).replaceAll(/[!'()*]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`);
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
