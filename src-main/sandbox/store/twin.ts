import { sameValue } from '#main/sandbox/machinery/same-value';

/** Deeper parts are small. */
const MAX_DEPTH = 4;

type Parts = Record<string, unknown>;

/**
 * Gives `object` the parts that equal those at the same place in `twin`, an object that was stored before: what a
 * controller makes a thousand times is kept once. Nobody can tell, because stored objects are never edited.
 */
export function shareWithTwin(object: object, twin: object, depth = 0): void {
  const mine = object as Parts;
  const theirs = twin as Parts;
  for (const key in mine) {
    const value = mine[key];
    const other = theirs[key];
    if (value === other) {
      // Equal strings are two until one takes the place of the other.
      if (typeof value === 'string') mine[key] = other;
    } else if (isParts(value) && isParts(other) && !Object.isFrozen(value)) {
      if (sameValue(value, other)) mine[key] = other;
      else if (depth < MAX_DEPTH) shareWithTwin(value, other, depth + 1);
    }
  }
}

const isParts = (value: unknown): value is object => typeof value === 'object' && value !== null;
