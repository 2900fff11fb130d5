import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { format } from 'prettier';

const PAGE = join(import.meta.dirname, '../../docs/clients.md');

/** Puts `text` between the marks of a section of docs/clients.md. */
export async function updatePage(section: string, text: string): Promise<void> {
  const [begin, end] = [`<!-- begin ${section} -->`, `<!-- end ${section} -->`];
  const page = await readFile(PAGE, 'utf8');
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`docs/clients.md has no section ${section}`);
  const updated = `${page.slice(0, from)}${begin}\n\n${text}\n\n${page.slice(to)}`;
  await writeFile(PAGE, await format(updated, { parser: 'markdown', printWidth: 120 }));
}
