/** Why a text is no duration, in Go's words. */
export class DurationProblem extends Error {}

const UNIT_NANOS: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  μs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
};
const MAX_NANOS = 2 ** 63;
const pieces = /(\d*)(\.\d*)?([^.\d]*)/y;

/** Nanoseconds of Go's text of a duration: `1h30m`, `-1.5s`. Throws DurationProblem. */
export function parseDuration(text: string): number {
  const unsigned = text.replace(/^[-+]/, '');
  if (unsigned === '0') return 0;
  const invalid = new DurationProblem(`time: invalid duration ${JSON.stringify(text)}`);
  if (unsigned === '') throw invalid;
  let nanos = 0;
  for (let at = 0; at < unsigned.length; at = pieces.lastIndex) {
    pieces.lastIndex = at;
    const [, whole = '', fraction = '', unit = ''] = pieces.exec(unsigned) ?? [];
    if (!/\d/.test(whole + fraction)) throw invalid;
    nanos += Number(`${whole}${fraction}`) * nanosOf(unit, text);
  }
  if (nanos > MAX_NANOS) throw invalid;
  return text.startsWith('-') ? -nanos : nanos;
}

function nanosOf(unit: string, text: string): number {
  if (unit === '') throw new DurationProblem(`time: missing unit in duration ${JSON.stringify(text)}`);
  const nanos = UNIT_NANOS[unit];
  if (nanos !== undefined) return nanos;
  throw new DurationProblem(`time: unknown unit ${JSON.stringify(unit)} in duration ${JSON.stringify(text)}`);
}
