/** Functions on strings: CEL's strings extension, and find and findAll of Kubernetes. */
import type { Environment } from '@marcbachmann/cel-js';
import { RE2JS } from 're2js';

const characters = (text: string): string[] => [...text];

export function addTextFunctions(environment: Environment): void {
  environment
    .registerFunction('string.charAt(int): string', (text: string, at: bigint) => characters(text)[Number(at)] ?? '')
    .registerFunction('string.replace(string, string): string', (text: string, from: string, to: string) =>
      text.replaceAll(from, () => to),
    )
    .registerFunction('string.replace(string, string, int): string', replaceSome)
    .registerFunction('string.reverse(): string', (text: string) => characters(text).reverse().join(''))
    .registerFunction('string.format(list): string', (text: string, values: unknown[]) => format(text, values))
    .registerFunction(
      'string.find(string): string',
      (text: string, pattern: string) => findAll(text, pattern, 1)[0] ?? '',
    )
    .registerFunction('string.findAll(string): list<string>', (text: string, pattern: string) =>
      findAll(text, pattern, -1),
    )
    .registerFunction('string.findAll(string, int): list<string>', (text: string, pattern: string, most: bigint) =>
      findAll(text, pattern, Number(most)),
    );
}

function replaceSome(text: string, from: string, to: string, most: bigint): string {
  const parts = text.split(from);
  const count = most < 0n ? parts.length - 1 : Math.min(Number(most), parts.length - 1);
  return [parts.slice(0, count + 1).join(to), ...parts.slice(count + 1)].join(from);
}

function findAll(text: string, pattern: string, most: number): string[] {
  const matcher = RE2JS.compile(pattern).matcher(text);
  const found: string[] = [];
  while (found.length !== most && matcher.find()) found.push(matcher.group() ?? '');
  return found;
}

/** `%s`, `%d`, `%f`, `%.2f`, `%x`, `%b`, `%o`, `%%`. */
function format(text: string, values: readonly unknown[]): string {
  let next = 0;
  return text.replaceAll(/%(?:\.(\d+))?([sdfexXbo%])/g, (_all, precision: string | undefined, verb: string) => {
    if (verb === '%') return '%';
    if (next >= values.length) throw new Error(`index ${next} out of range`);
    return formatOne(values[next++], verb, precision === undefined ? 6 : Number(precision));
  });
}

const RADIX: Readonly<Record<string, number>> = { x: 16, X: 16, b: 2, o: 8 };

function formatOne(value: unknown, verb: string, precision: number): string {
  if (verb === 's') return textOf(value);
  if (verb === 'd') return String(value);
  if (verb === 'f') return Number(value).toFixed(precision);
  if (verb === 'e') return Number(value).toExponential(precision);
  const digits = (value as bigint).toString(RADIX[verb]);
  return verb === 'X' ? digits.toUpperCase() : digits;
}

function textOf(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(textOf).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return String(value);
  return `{${Object.entries(value)
    .map(([key, member]) => `${key}: ${textOf(member)}`)
    .join(', ')}}`;
}
