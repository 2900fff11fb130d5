import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Difference } from './compare';

/** A difference that stays, and why. `exchange` and `path` may hold `*` for any run of characters. */
interface Accepted {
  exchange: string;
  path: string;
  reason: string;
}

/** What the comparison may find: `accepted` stays, `open` is to be mended and only shrinks. */
interface BaselineFile {
  accepted: readonly Accepted[];
  /** Paths by exchange. */
  open: Readonly<Record<string, readonly string[]>>;
}

const exchangesFile = join(import.meta.dirname, 'baseline.json');

export type Standing = 'accepted' | 'open' | 'new';

export class Baseline {
  static read(file = exchangesFile): Baseline {
    return new Baseline(JSON.parse(readFileSync(file, 'utf8')) as BaselineFile, file);
  }
  readonly #content: BaselineFile;
  readonly #file: string;
  readonly #accepted: readonly { exchange: RegExp; path: RegExp }[];

  constructor(content: BaselineFile, file: string) {
    this.#content = content;
    this.#file = file;
    this.#accepted = content.accepted.map(({ exchange, path }) => ({
      exchange: pattern(exchange),
      path: pattern(path),
    }));
  }

  standingOf(exchange: string, { path }: Difference): Standing {
    if (this.#accepted.some((one) => one.exchange.test(exchange) && one.path.test(path))) return 'accepted';
    return this.#content.open[exchange]?.includes(path) ? 'open' : 'new';
  }

  /** Open differences that are no longer found: they are to be taken out. */
  mended(found: ReadonlyMap<string, readonly Difference[]>): string[] {
    return Object.entries(this.#content.open).flatMap(([exchange, paths]) => {
      const here = found.get(exchange);
      if (!here) return [];
      return paths.filter((path) => !here.some((one) => one.path === path)).map((path) => `${exchange}: ${path}`);
    });
  }

  /** Writes what is open now; accepted differences and their reasons stay. */
  async writeOpen(found: ReadonlyMap<string, readonly Difference[]>): Promise<void> {
    const open = Object.fromEntries(
      [...found].flatMap(([exchange, here]) => {
        const left = here.filter((one) => this.standingOf(exchange, one) !== 'accepted').map(({ path }) => path);
        return left.length > 0 ? [[exchange, left.sort()]] : [];
      }),
    );
    await writeFile(this.#file, `${JSON.stringify({ accepted: this.#content.accepted, open }, null, 2)}\n`);
  }
}

function pattern(words: string): RegExp {
  const parts = words.split('*').map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, String.raw`\$&`));
  return new RegExp(`^${parts.join('.*')}$`);
}
