/** The texts of a Warning header (RFC 7234, code 299 as API servers send it); several are joined by commas. */
export function parseWarnings(header: string | undefined): string[] {
  if (!header) return [];
  const texts: string[] = [];
  const pattern = /\b\d{3} \S+ "((?:[^"\\]|\\.)*)"/g;
  for (const [, quoted] of header.matchAll(pattern)) texts.push((quoted ?? '').replace(/\\(.)/g, '$1'));
  return texts;
}
