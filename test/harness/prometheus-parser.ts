/** A strict reader of Prometheus' text form: what a scraper would refuse is an Error that names the line. */

export interface ParsedFamily {
  type: string;
  help: string;
  /** By their whole names and labels, as they are written. */
  samples: Map<string, number>;
}

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const SAMPLE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(\{.*\})? (\S+)(?: (-?\d+))?$/;
const LABELS = /^\{(?:[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\[\\"n])*",?)*\}$/;
const NUMBER = /^(?:[+-]?Inf|NaN|[+-]?\d+(?:\.\d+)?(?:e[+-]\d\d+)?)$/;
const TYPES = new Set(['counter', 'gauge', 'histogram', 'summary', 'untyped']);
const SUFFIXES: Readonly<Record<string, readonly string[]>> = {
  histogram: ['_bucket', '_sum', '_count'],
  summary: ['', '_sum', '_count'],
};

export function parsePrometheus(text: string): Map<string, ParsedFamily> {
  if (!text.endsWith('\n')) throw new Error('the last line has no end');
  const families = new Map<string, ParsedFamily>();
  let help: [name: string, words: string] | undefined;
  let current: [name: string, family: ParsedFamily] | undefined;
  for (const line of text.slice(0, -1).split('\n')) {
    const refuse = (why: string): never => {
      throw new Error(`${why}: ${line}`);
    };
    const [, keyword, name = '', words = ''] = /^# (HELP|TYPE) (\S+) ?(.*)$/.exec(line) ?? [];
    if (keyword === 'HELP') {
      if (!NAME.test(name) || families.has(name)) refuse('a family twice, or of no name');
      if (/\\[^\\n]/.test(words)) refuse('a wrong escape');
      help = [name, words];
    } else if (keyword === 'TYPE') {
      if (help?.[0] !== name || !TYPES.has(words)) refuse('a type without its help before it');
      current = [name, { type: words, help: help?.[1] ?? '', samples: new Map() }];
      families.set(...current);
    } else {
      if (!current) throw new Error(`a sample before its type: ${line}`);
      addSample(line, current, refuse);
    }
  }
  for (const [name, { samples }] of families) if (samples.size === 0) throw new Error(`${name} has no samples`);
  return families;
}

function addSample(
  line: string,
  [name, { type, samples }]: [string, ParsedFamily],
  refuse: (why: string) => never,
): void {
  const [, own = '', labels = '', value = ''] = SAMPLE.exec(line) ?? refuse('no sample');
  const suffixes = SUFFIXES[type] ?? [''];
  if (!own.startsWith(name) || !suffixes.includes(own.slice(name.length))) refuse(`a sample that is not of ${name}`);
  if (labels && !LABELS.test(labels)) refuse('wrong labels');
  if (!NUMBER.test(value)) refuse('no number');
  if (samples.has(own + labels)) refuse('a sample twice');
  samples.set(own + labels, Number(value.replace('Inf', 'Infinity')));
}
