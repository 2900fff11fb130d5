import type { Baseline, Standing } from './baseline';
import type { Difference } from './compare';
import type { Exchange, Script } from './exchange';

type Result = 'equal' | 'accepted' | 'different';

interface Row {
  script: Script;
  exchange: Exchange;
  result: Result;
}

/** Counts exchanges as they are compared, and tells the result as lines and as a page. */
export class Score {
  /** Differences by `script/exchange`; empty where there are none. */
  readonly found = new Map<string, readonly Difference[]>();
  readonly #baseline: Baseline;
  readonly #rows: Row[] = [];

  constructor(baseline: Baseline) {
    this.#baseline = baseline;
  }

  add(script: Script, differences: ReadonlyMap<string, readonly Difference[]>): void {
    for (const exchange of script.exchanges) {
      const id = `${script.name}/${exchange.name}`;
      const here = differences.get(exchange.name) ?? [];
      this.found.set(id, here);
      const standings = here.map((one) => this.#baseline.standingOf(id, one));
      this.#rows.push({ script, exchange, result: resultOf(standings) });
    }
  }

  summary() {
    const count = (result: Result) => this.#rows.filter((row) => row.result === result).length;
    return {
      compared: this.#rows.length,
      equal: count('equal'),
      accepted: count('accepted'),
      different: count('different'),
      unexpected: this.#linesOf('new'),
      mended: this.#baseline.mended(this.found),
    };
  }

  /** Everything that is not accepted. */
  lines(): string[] {
    return [...this.#linesOf('new'), ...this.#linesOf('open')];
  }

  #linesOf(standing: Standing): string[] {
    return [...this.found].flatMap(([id, here]) =>
      here.filter((one) => this.#baseline.standingOf(id, one) === standing).map((one) => `${id}  ${words(one)}`),
    );
  }

  /** docs/conformance.md */
  page(): string {
    const { compared, equal, accepted, different } = this.summary();
    const share = ((100 * (equal + accepted)) / compared).toFixed(1);
    const groups = grouped(this.#rows, ({ script }) => `${script.group || 'core'} ${script.kind}`.trim());
    const lines = [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).flatMap(([name, rows]) => this.#section(name, rows));
    return [
      '# Conformance',
      '',
      'Written by `npm run conformance -- --update`. Every exchange is run against the sandbox and a real API server of the',
      'release it imitates; answers are compared field by field. Accepted differences stand in `test/conformance/baseline.json`',
      'with their reasons.',
      '',
      `**${compared} exchanges: ${equal} equal, ${accepted} accepted, ${different} different (${share} % as expected).**`,
      '',
      '| group and kind | verb | equal | of | different in |',
      '|---|---|---|---|---|',
      ...lines,
      '',
    ].join('\n');
  }

  #section(name: string, rows: readonly Row[]): string[] {
    const verbs = grouped(rows, ({ exchange }) => exchange.counts?.verb ?? 'preparation');
    return [...verbs].map(([verb, of]) => {
      const wrong = of.filter(({ result }) => result === 'different').map(({ exchange }) => exchange.name);
      return `| ${name} | ${verb} | ${of.length - wrong.length} | ${of.length} | ${wrong.join(', ')} |`;
    });
  }
}

function resultOf(standings: readonly Standing[]): Result {
  if (standings.length === 0) return 'equal';
  return standings.every((standing) => standing === 'accepted') ? 'accepted' : 'different';
}

function words({ path, expected, found }: Difference): string {
  const said = (value: unknown) => (value === undefined ? 'nothing' : JSON.stringify(value));
  return `${path}: expected ${said(expected)}, found ${said(found)}`;
}

function grouped<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return groups;
}
