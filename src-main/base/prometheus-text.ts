/** Metrics in Prometheus' text form (version 0.0.4). */

export const PROMETHEUS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

export type Labels = Readonly<Record<string, string>>;

export interface Sample {
  labels?: Labels;
  value: number;
  /** Appended to the family's name: `_bucket`, `_sum`, `_count`. */
  suffix?: string;
  /** When it was measured, in epoch milliseconds; left out for now. */
  atMs?: number;
}

export interface MetricFamily {
  name: string;
  type: 'counter' | 'gauge' | 'histogram' | 'untyped';
  help: string;
  samples: readonly Sample[];
}

export function counter(name: string, help: string, samples: readonly Sample[]): MetricFamily {
  return { name, type: 'counter', help, samples };
}

export function gauge(name: string, help: string, samples: readonly Sample[]): MetricFamily {
  return { name, type: 'gauge', help, samples };
}

/** As Prometheus' Go client writes it: sorted by names, then by labels; families without samples are left out. */
export function prometheusText(families: readonly MetricFamily[]): string {
  return families
    .filter(({ samples }) => samples.length > 0)
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, type, help, samples }) => {
      const head = `# HELP ${name} ${help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')}\n# TYPE ${name} ${type}\n`;
      return (
        head +
        sorted(samples)
          .map((sample) => lineOf(name, sample))
          .join('')
      );
    })
    .join('');
}

/** By the values of their labels; the buckets of a histogram stay together, in their order. */
function sorted(samples: readonly Sample[]): Sample[] {
  const keyed = samples.map((sample) => ({ sample, values: sortedLabels(sample.labels).map(([, value]) => value) }));
  return keyed.sort((a, b) => byValues(a.values, b.values)).map(({ sample }) => sample);
}

function byValues(a: readonly string[], b: readonly string[]): number {
  if (a.length !== b.length) return a.length - b.length;
  const at = a.findIndex((value, index) => value !== b[index]);
  return at < 0 ? 0 : (a[at] ?? '') < (b[at] ?? '') ? -1 : 1;
}

/** By name, without the bound of a bucket, which stands last. */
const sortedLabels = (labels: Labels = {}): [name: string, value: string][] =>
  Object.entries(labels)
    .filter(([name]) => name !== BOUND)
    .sort(([a], [b]) => (a < b ? -1 : 1));

const BOUND = 'le';

function lineOf(name: string, { labels, value, suffix = '', atMs }: Sample): string {
  const time = atMs === undefined ? '' : ` ${Math.round(atMs)}`;
  return `${name}${suffix}${labels ? labelText(labels) : ''} ${numberText(value)}${time}\n`;
}

function labelText(labels: Labels): string {
  const bound = labels[BOUND];
  const all = bound === undefined ? sortedLabels(labels) : [...sortedLabels(labels), [BOUND, bound] as const];
  const pairs = all.map(([name, value]) => `${name}="${escaped(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

const escaped = (value: string): string =>
  /[\\"\n]/.test(value) ? value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n') : value;

/** Powers of ten that Go writes without an exponent. */
const [LEAST_PLAIN, MOST_PLAIN] = [-4, 5] as const;

function numberText(value: number): string {
  if (value === Infinity) return '+Inf';
  if (value === -Infinity) return '-Inf';
  const [digits = '', exponent = '0'] = value.toExponential().split('e');
  const power = Number(exponent);
  if (!(power < LEAST_PLAIN || power > MOST_PLAIN)) return String(value);
  return `${digits}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
}

/** Counts what falls below each bound; cheap enough for every request. */
export class Histogram {
  readonly #bounds: readonly number[];
  readonly #counts: number[];
  #sum = 0;
  #count = 0;

  /** `bounds` ascend; the one at infinity comes by itself. */
  constructor(bounds: readonly number[]) {
    this.#bounds = bounds;
    this.#counts = bounds.map(() => 0);
  }

  observe(value: number): void {
    this.#sum += value;
    this.#count++;
    const at = this.#bounds.findIndex((bound) => value <= bound);
    if (at >= 0) this.#counts[at] = (this.#counts[at] ?? 0) + 1;
  }

  samples(labels: Labels = {}): Sample[] {
    let below = 0;
    const buckets = this.#bounds.map((bound, at): Sample => {
      below += this.#counts[at] ?? 0;
      return { suffix: '_bucket', labels: { ...labels, le: numberText(bound) }, value: below };
    });
    return [
      ...buckets,
      { suffix: '_bucket', labels: { ...labels, le: '+Inf' }, value: this.#count },
      { suffix: '_sum', labels, value: this.#sum },
      { suffix: '_count', labels, value: this.#count },
    ];
  }
}
