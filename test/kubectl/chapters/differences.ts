import { firstDifference } from '../../clients/compare';
import type { Spoken } from './run-chapter';

/** Every line that was answered otherwise, with the first difference of its answer, in words. */
export function differencesOf(expected: readonly Spoken[], found: readonly Spoken[]): string[] {
  const length = Math.max(expected.length, found.length);
  return Array.from({ length }, (_, at) => {
    const [one, other] = [expected[at], found[at]];
    if (one?.line !== other?.line) return `the recording has ${quoted(one?.line)}, the chapter ${quoted(other?.line)}`;
    const difference = firstDifference(one?.said ?? [], other?.said ?? []);
    if (!difference) return [];
    return `$ ${one?.line}\n    expected ${quoted(difference.reference)}\n    found    ${quoted(difference.sandbox)}`;
  }).flat();
}

const quoted = (line: string | undefined): string => (line === undefined ? 'nothing more' : JSON.stringify(line));
