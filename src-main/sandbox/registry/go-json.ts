/** Why Go would not read a text as a JSON object, in its own words; undefined where it would. */
export function goJsonProblem(text: string): string | undefined {
  const trimmed = text.trim();
  if (trimmed === '') return 'unexpected end of JSON input';
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return syntaxProblem(text);
  }
  if (value === null || (typeof value === 'object' && !Array.isArray(value))) return undefined;
  return `json: cannot unmarshal ${goNameOf(value)} into Go value of type map[string]interface {}`;
}

const goNameOf = (value: unknown): string => {
  if (Array.isArray(value)) return 'array';
  return typeof value === 'boolean' ? 'bool' : typeof value;
};

/** Go tells of the first letter that cannot go on; a text that stops too early is another matter. */
function syntaxProblem(text: string): string {
  const start = text.trimStart();
  const first = start[0] ?? '';
  if (/[[{"\-0-9tfn]/.test(first)) {
    const isCut = /^[[{"]/.test(start) && !/[\]}"]\s*$/.test(start.slice(1));
    if (isCut || /^\{"(?:[^"\\]|\\.)*"$/.test(start.trimEnd())) return 'unexpected end of JSON input';
    if (!/^[tfn]/.test(first)) return 'invalid character in JSON input';
    const word = { t: 'true', f: 'false', n: 'null' }[first] ?? '';
    const at = [...word].findIndex((letter, index) => start[index] !== letter);
    return `invalid character '${start[at]}' in literal ${word} (expecting '${word[at]}')`;
  }
  return `invalid character '${first}' looking for beginning of value`;
}
