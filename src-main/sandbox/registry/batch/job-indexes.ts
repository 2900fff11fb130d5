/** Lists of the indexes of an indexed Job: `1,3-5`. */

interface Read {
  total: number;
  problem?: string;
}

type Interval = { first: number; last: number } | { problem: string };

const ORDER = 'non-increasing order, previous:';

/** How many indexes a text names, or why nobody can read it. */
export function readIndexes(text: string, completions: number): Read {
  if (text === '') return { total: 0 };
  let total = 0;
  let previous: number | undefined;
  for (const part of text.split(',')) {
    const read = readInterval(part, completions);
    if ('problem' in read) return { total: 0, problem: read.problem };
    if (previous !== undefined && previous >= read.first)
      return { total: 0, problem: `${ORDER} ${previous}, current: ${read.first}` };
    total += read.last - read.first + 1;
    previous = read.last;
  }
  return { total };
}

/** The first index that both lists name; what cannot be read names none. */
export function commonIndex(one: string, other: string, completions: number): number | undefined {
  if (one === '' || other === '') return undefined;
  const read = (text: string) =>
    text
      .split(',')
      .map((part) => readInterval(part, completions))
      .filter((interval) => 'first' in interval);
  const others = read(other);
  for (const { first, last } of read(one))
    for (const second of others) if (first <= second.last && second.first <= last) return Math.max(first, second.first);
  return undefined;
}

function readInterval(text: string, completions: number): Interval {
  const [from = '', to, more] = text.split('-');
  if (more !== undefined)
    return {
      problem: `the fragment "${text}" violates the requirement that an index interval can have at most two parts separated by '-'`,
    };
  const problem = indexProblem(from, completions) ?? (to === undefined ? undefined : indexProblem(to, completions));
  if (problem) return { problem };
  const [first, last] = [Number(from), Number(to ?? from)];
  if (to !== undefined && first >= last) return { problem: `${ORDER} ${first}, current: ${last}` };
  return { first, last };
}

function indexProblem(text: string, completions: number): string | undefined {
  if (!/^[+]?[0-9]+$/.test(text)) return `cannot convert string to integer for index: "${text}"`;
  return Number(text) >= completions ? `too large index: "${text}"` : undefined;
}
